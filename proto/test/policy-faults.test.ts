import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadContract } from '@malla/proto/contract';
import { buf, copyContracts } from './support/buf.ts';

const HEAD = `syntax = "proto3";
package malla.bad.v1;
import "malla/options/v1/policy.proto";
message AskRequest {}
message AskResponse {}
`;

/** The descriptor set of our contracts with one RPC more, which has the given options. */
function descriptorSetWith(options: string): Uint8Array {
  const folder = copyContracts();
  try {
    const rpc = `rpc Ask(AskRequest) returns (AskResponse) { ${options} }`;
    writeFileSync(join(folder, 'malla/bad.proto'), `${HEAD}service BadService { ${rpc} }`);
    buf(folder, 'build', '--as-file-descriptor-set', '--output', 'set.binpb');
    return readFileSync(join(folder, 'set.binpb'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const policy = (fields: string) => `option (malla.options.v1.policy) = { ${fields} };`;

describe('the policy check', () => {
  const cases: [name: string, options: string, fault: RegExp][] = [
    ['has no policy', '', /Ask has no malla.options.v1.policy/],
    ['chooses no access', policy('deadline: {seconds: 1}'), /Ask chooses no access/],
    ['has no deadline', policy('access: ACCESS_PUBLIC'), /Ask needs a deadline/],
    ['has an endless deadline', policy('access: ACCESS_PUBLIC deadline: {seconds: 601}'), /Ask needs a deadline/],
    ['is for services of no name', policy('access: ACCESS_SERVICE deadline: {seconds: 1}'), /names no callers/],
    [
      'names callers of a public RPC',
      policy('access: ACCESS_PUBLIC callers: "svc-a" deadline: {seconds: 1}'),
      /names callers/,
    ],
    [
      'wants permissions of nobody',
      policy('access: ACCESS_PUBLIC permissions: "a" deadline: {seconds: 1}'),
      /demands permissions/,
    ],
    [
      'wants a session of nobody',
      policy('access: ACCESS_PUBLIC live_session: true deadline: {seconds: 1}'),
      /a live session/,
    ],
    [
      'changes something for users of ended sessions',
      policy('access: ACCESS_USER deadline: {seconds: 1}'),
      /Ask has side effects for users, and neither demands a live session/,
    ],
    [
      'gives no word as the reason for that',
      policy('access: ACCESS_USER live_session_exemption: " " deadline: {seconds: 1}'),
      /neither demands a live session/,
    ],
    [
      'demands a live session and gives a reason not to',
      policy('access: ACCESS_USER live_session: true live_session_exemption: "why" deadline: {seconds: 1}'),
      /gives a live_session_exemption that nothing asks for/,
    ],
    [
      'invalidates what is not kept',
      policy('access: ACCESS_PUBLIC invalidates: "a.B/C" deadline: {seconds: 1}'),
      /invalidates a.B\/C/,
    ],
    [
      'caches a write',
      policy('access: ACCESS_PUBLIC cache_lifetime: {seconds: 1} deadline: {seconds: 1}'),
      /is cached/,
    ],
  ];
  for (const [name, options, fault] of cases) {
    it(`refuses an RPC that ${name}, and names it`, () => {
      const bytes = descriptorSetWith(options);
      assert.throws(() => loadContract(bytes), fault);
    });
  }

  for (const [name, fields] of [
    ['a live session', 'live_session: true'],
    ['a reason to do without', 'live_session_exemption: "why"'],
  ] as const) {
    it(`accepts an RPC with side effects for users and ${name}`, () => {
      loadContract(descriptorSetWith(policy(`access: ACCESS_USER ${fields} deadline: {seconds: 1}`)));
    });
  }

  it('accepts an RPC that only reads without a live session', () => {
    const reads = `option idempotency_level = NO_SIDE_EFFECTS; ${policy('access: ACCESS_USER deadline: {seconds: 1}')}`;
    loadContract(descriptorSetWith(reads));
  });

  it('accepts an RPC with a policy', () => {
    const contract = loadContract(descriptorSetWith(policy('access: ACCESS_PUBLIC deadline: {nanos: 1500000}')));
    assert.equal(contract.rpcs.get('/malla.bad.v1.BadService/Ask')?.deadlineMs, 1.5);
  });
});
