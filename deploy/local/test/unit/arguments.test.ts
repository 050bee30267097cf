import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../temp-dir.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const AT_ONCE_MS = 5_000;

/** Types a goal in a clone where nothing was ever started. */
const type = (...args: string[]) => {
  const stateDir = join(tempDir(), 'state');
  const env = { ...process.env, MALLA_STATE_DIR: stateDir };
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { env, encoding: 'utf8' });
  const tookMs = performance.now() - start;
  return { status, stdout, stderr, tookMs, wroteState: existsSync(stateDir) };
};

const GOALS: readonly (readonly [string, readonly string[], RegExp])[] = [
  [
    'grant without arguments',
    ['job', 'svc-users', 'grant', '--unverified', ''],
    /say whom and what: make grant email=/,
  ],
  ['revoke without permissions', ['job', 'svc-users', 'revoke', 'ada@example.com'], /say whom and what: make revoke /],
  [
    'grant before up',
    ['job', 'svc-users', 'grant', 'ada@example.com', 'ledger:read'],
    /svc-users has never been started/,
  ],
  ['dev without svc=', ['dev', ''], /say which process: make dev svc=svc-users/],
  ['dev of a folder', ['dev', 'chassis'], /no process chassis: there are svc-users, /],
  ['dev before up', ['dev', 'svc-users'], /svc-users has never been started/],
  ['logs of nothing', ['logs', 'nope'], /no process nope: there are svc-users, /],
  ['logs before up', ['logs', 'svc-users'], /svc-users has never been started/],
  ['status of nothing', ['status', 'nope'], /no process nope/],
  ['restart of nothing', ['restart', 'nope'], /no process nope/],
  ['down of nothing', ['down', 'nope'], /no process nope/],
  ['up of one', ['up', 'svc-users'], /make up is for the whole mesh and takes no svc=/],
  ['test of nothing', ['test', 'nope'], /no folder nope: there are /],
  ['lint of nothing', ['lint', 'nope'], /no folder nope/],
  ['format of nothing', ['format', 'nope'], /no folder nope/],
  ['gen of nothing', ['gen', 'nope'], /no folder nope/],
  [
    'a file of nobody',
    ['test', '', 'test/x.test.ts'],
    /say whose test: make test svc=svc-stores file=test\/x\.test\.ts/,
  ],
  ['a file that is not there', ['test', 'svc-stores', 'test/x.test.ts'], /there is no svc-stores\/test\/x\.test\.ts/],
  ['a part that is not there', ['bench', '', 'nope'], /no part nope: there are .*purchases/],
];

describe('a goal that cannot be meant so', () => {
  for (const [name, args, expected] of GOALS)
    it(`is refused in one sentence, at once: ${name}`, () => {
      const { status, stdout, stderr, tookMs, wroteState } = type(...args);
      assert.equal(status, 1);
      assert.match(stderr, expected);
      assert.match(stderr, /^malla: [^\n]+\n$/);
      assert.equal(stdout, '');
      assert.equal(wroteState, false);
      assert.ok(tookMs < AT_ONCE_MS, `${tookMs} ms`);
    });
});
