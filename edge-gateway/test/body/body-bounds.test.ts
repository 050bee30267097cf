import assert from 'node:assert/strict';
import type { JsonObject } from '@bufbuild/protobuf';
import { costOf } from '../support/cost.ts';
import { createTestGateway, gatewayForThisTest, type TestGateway } from '../support/gateway.ts';
import { assertProblem, faultsOf } from '../support/problems.ts';

const BYTES = 1024 * 1024 - 64;
/** With room for a garbage collection. */
const CPU_MS_MAX = 50;
const JSON_TYPE = { 'content-type': 'application/json' };

describe('bodies of a megabyte', () => {
  let gateway: TestGateway;
  before(async () => {
    const env = {
      RATE_LIMIT_WRITE_PER_MINUTE: '9999',
      RATE_LIMIT_REFUSED_MIB_PER_MINUTE: '9999',
      LARGE_BODIES_MIB_PER_SECOND: '9999',
    };
    gateway = await createTestGateway({ env });
  });
  after(() => gateway.stop());

  const filled = (item: string) =>
    Array(Math.floor(BYTES / (item.length + 1)))
      .fill(item)
      .join();
  const members = (count: number) => Array.from({ length: count }, (_, at) => `"a${at}":1`).join();
  const cases: [name: string, body: string, fault: string][] = [
    ['empty objects in a list with a rule', `{"tags":[${filled('{}')}]}`, 'tags REPEATED_MAX_ITEMS'],
    ['one text again and again', `{"tags":[${filled('"aa"')}]}`, 'tags REPEATED_MAX_ITEMS'],
    ['nulls', `{"tags":[${filled('null')}]}`, 'tags REPEATED_MAX_ITEMS'],
    ['empty objects in a list without a rule', `{"parts":[${filled('{}')}]}`, 'parts JSON_ARRAY_TOO_LONG'],
    ['long numbers', `{"parts":[${filled('9'.repeat(300))}]}`, 'parts JSON_ARRAY_TOO_LONG'],
    ['entries of a map', `{"labels":{${members(90_000)}}}`, 'labels MAP_MAX_PAIRS'],
    ['unknown members', `{${members(90_000)}}`, 'a0 FIELD_UNKNOWN'],
    ['unknown members inside', `{"parts":[{${members(90_000)}}]}`, 'parts[0].a0 FIELD_UNKNOWN'],
    [
      'many lists',
      `{"parts":[${Array(900)
        .fill(`{"x":[${'0,'.repeat(400)}0]}`)
        .join()}]}`,
      'parts[74].x[173] JSON_TOO_MANY_VALUES',
    ],
    ['arrays in arrays', `{"tags":${'['.repeat(BYTES)}`, `tags${'[0]'.repeat(99)} JSON_TOO_DEEP`],
    ['objects in objects', '{"any":'.repeat(BYTES / 7), `any${'.any'.repeat(99)} JSON_TOO_DEEP`],
    ['a long text', `{"email":"${'a'.repeat(BYTES)}"}`, 'email STRING_EMAIL'],
  ];
  for (const [name, payload, fault] of cases) {
    it(`of ${name} are refused at a bounded cost`, async () => {
      const post = () => gateway.app.inject({ method: 'POST', url: '/v1/testing/things', payload, headers: JSON_TYPE });
      const { answer, cpuMs } = await costOf(post);
      const problem = assertProblem(answer, 400);
      assert.equal(faultsOf(problem)[0], fault);
      assert.ok(Number(problem.errors?.length) <= 100 && problem.error_count === undefined);
      assert.ok(cpuMs < CPU_MS_MAX, `${cpuMs} ms`);
    });
  }

  it('are refused with 429 once they used up their budget, and nobody else is', async () => {
    const { app, issuer } = await gatewayForThisTest({
      env: { RATE_LIMIT_WRITE_PER_MINUTE: '9999', LARGE_BODIES_MIB_PER_SECOND: '9999' },
    });
    const payload = `{"tags":[${filled('{}')}]}`;
    const statuses: number[] = [];
    const post = { method: 'POST', url: '/v1/testing/things', headers: JSON_TYPE } as const;
    for (let time = 0; time < 40; time += 1) statuses.push((await app.inject({ ...post, payload })).statusCode);
    assert.deepEqual([...new Set(statuses)], [400, 429]);
    assert.equal(statuses.filter((status) => status === 400).length, 33);
    const answer = await app.inject({ ...post, payload: '{}' });
    assertProblem(answer, 429, 'RATE_LIMIT_EXCEEDED');
    assert.ok(Number(answer.headers['retry-after']) >= 1);
    assert.equal((await app.inject({ url: '/v1/testing/echo/a' })).statusCode, 200);
    assert.ok(issuer);
  });
});

describe('large bodies of one client address', () => {
  const JSON_BODY = { method: 'POST', url: '/v1/testing/things', headers: JSON_TYPE } as const;

  it('wait for their turn, are refused once they would wait too long, and small ones do not wait', async () => {
    const { app } = await gatewayForThisTest({
      env: { RATE_LIMIT_WRITE_PER_MINUTE: '9999', LARGE_BODIES_MIB_PER_SECOND: '1' },
    });
    const payload = `{"email":"${'a'.repeat(BYTES)}"}`;
    const start = performance.now();
    const timed = async (body: string) => {
      const answer = await app.inject({ ...JSON_BODY, payload: body });
      return { answer, tookMs: performance.now() - start };
    };
    const large = Promise.all(Array.from({ length: 10 }, () => timed(payload)));
    const small = await timed('{}');
    assert.ok(small.tookMs < 1_000, String(small.tookMs));
    const all = await large;
    const read = all.filter(({ answer }) => answer.statusCode === 400);
    const refused = all.filter(({ answer }) => answer.statusCode === 429);
    assert.deepEqual([read.length, refused.length], [6, 4]);
    assert.ok(Math.max(...read.map(({ tookMs }) => tookMs)) > 4_500);
    assert.ok(Math.max(...refused.map(({ tookMs }) => tookMs)) < 2_000);
    for (const { answer } of refused) assert.ok(Number(answer.headers['retry-after']) >= 1);
  });
});

describe('a list in a query', () => {
  it('is looked at up to its bound', async () => {
    const { app } = await gatewayForThisTest();
    const query = Array(900).fill('filter.colors=x').join('&');
    const answer = await app.inject({ url: `/v1/testing/things?${query}` });
    const { errors } = assertProblem(answer, 400) as unknown as { readonly errors: readonly JsonObject[] };
    assert.ok(errors.length <= 100);
  });
});
