import assert from 'node:assert/strict';
import { lastWords, saysDiskFull, usefulLine } from '../../../src/mesh/log-lines.ts';

const CASES: readonly [string, string, string][] = [
  [
    'the last error that pino wrote, with its cause',
    '{"level":30,"msg":"starting"}\n{"level":60,"msg":"cannot start","err":{"message":"ECONNREFUSED 127.0.0.1:3306"}}\n{"level":30,"msg":"bye"}\n',
    'cannot start: ECONNREFUSED 127.0.0.1:3306',
  ],
  [
    'the last error, also where levels are words',
    '{"level":"fatal","msg":"bad configuration"}\n{"level":"info","msg":"bye"}\n',
    'bad configuration',
  ],
  [
    'the error above the stack',
    "node:internal/errors:540\n      throw error;\n      ^\n\nError: GRPC_PORT: expected a number\n    at load (config.ts:3:9)\n  code: 'X',\n}\n\nNode.js v24.21.0\n",
    'Error: GRPC_PORT: expected a number',
  ],
  [
    "the reason that MySQL gives before it says 'Aborting'",
    '2026-01-01T00:00:00Z 1 [ERROR] [MY-012574] [InnoDB] Unable to lock ./ibdata1 error: 11\n2026-01-01T00:00:00Z 0 [ERROR] [MY-010119] [Server] Aborting\n',
    '2026-01-01T00:00:00Z 1 [ERROR] [MY-012574] [InnoDB] Unable to lock ./ibdata1 error: 11',
  ],
  ['the last line when none speaks of an error', 'one\ntwo\n\n', 'two'],
  ['that it said nothing', '\n', 'it said nothing'],
];

describe('usefulLine', () => {
  for (const [what, log, expected] of CASES) it(`is ${what}`, () => assert.equal(usefulLine(log), expected));
});

describe('saysDiskFull', () => {
  it('knows the words of Node and of MySQL', () => {
    assert.ok(saysDiskFull('Error: ENOSPC: no space left on device, write'));
    assert.ok(saysDiskFull("[MY-010889] [Server] Disk is full writing './x' (OS errno 28 - No space left on device)"));
    assert.equal(saysDiskFull('ready for connections'), false);
  });
});

describe('lastWords', () => {
  it('are what a process wrote as its last before it ended by itself', () => {
    assert.equal(lastWords('{"level":"info","msg":"listening"}\n{"level":"fatal","msg":"no key"}\n'), 'no key');
    assert.equal(
      lastWords('ok\nTypeError: x is not a function\n    at y.ts:1\nNode.js v24.1.0\n'),
      'TypeError: x is not a function',
    );
  });

  it('are none of a process that was killed, whatever it logged before', () => {
    assert.equal(lastWords('{"level":"error","msg":"a call failed"}\n{"level":"info","msg":"answered"}\n'), undefined);
    assert.equal(lastWords('{"level":"error","msg":"a call failed"}\n'), undefined);
    assert.equal(lastWords('2026-12-01 [System] mysqld: ready for connections.\n'), undefined);
  });
});
