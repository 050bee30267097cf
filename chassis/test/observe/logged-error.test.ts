import assert from 'node:assert/strict';
import { createFailureLog } from '../../src/observe/failure-log.ts';
import { errorText, loggedError } from '../../src/observe/logged-error.ts';
import { createLogger } from '../../src/observe/logger.ts';

const SECRET = 'hunter2';

function failingWith(message: string, extras: object = {}): Error {
  return Object.assign(new Error(message), extras);
}

/** What drivers and libraries throw, each with a value in it. */
const ERRORS: Record<string, Error> = {
  'a duplicate key': failingWith(
    `insert into t values ('${SECRET}') - Duplicate entry 'O'Brien ${SECRET}' for key 't.slug'`,
    {
      code: 'ER_DUP_ENTRY',
      errno: 1062,
      sqlState: '23000',
      sql: `insert into t values ('${SECRET}')`,
      sqlMessage: `Duplicate entry 'O'Brien ${SECRET}' for key 't.slug'`,
    },
  ),
  'a statement that is wrong': failingWith(`select ${SECRET} from t`, { sql: `select ${SECRET}`, sqlMessage: SECRET }),
  'what cannot be parsed': (() => {
    try {
      return JSON.parse(`{"a": ${SECRET}}`) as Error;
    } catch (error) {
      return error as Error;
    }
  })(),
  'a URL': failingWith(`cannot reach https://user:${SECRET}@example.com/a?b=${SECRET} now`),
  'an address': failingWith(`no mailbox ${SECRET}@example.com`),
  'a token': failingWith(`bad token eyJhbGciOiJFUzI1NiJ9.${SECRET}.${'x'.repeat(40)}`),
  'quotes within quotes': failingWith(`bad value "a'${SECRET}" or 'b"${SECRET}'`),
  'lines that look like frames': failingWith(`bad\n    at "${SECRET}" (file.ts:1:1)`),
  'a cause': new Error('it failed', { cause: failingWith(`'${SECRET}'`, { sql: SECRET, code: 'ER_X' }) }),
};

describe('what the log knows of an error', () => {
  for (const [name, error] of Object.entries(ERRORS)) {
    it(`holds no value of ${name}, however it is logged`, () => {
      const lines: string[] = [];
      const log = createLogger('svc-test', 'info', { write: (line) => void lines.push(line) });
      log.error({ err: error }, 'failed');
      log.error(error);
      const { message: own } = error;
      log.error({ err: error }, own);
      log.warn({ anything: error }, 'failed');
      log.child({ a: 1 }).error({ err: error });
      log.info({ cause: errorText(error), err: loggedError(error) }, 'failed');
      assert.equal(lines.length, 6);
      assert.ok(!lines.join('').includes(SECRET), lines.join(''));
    });
  }

  it('names the error, its code, the key, and where it was thrown', () => {
    const { name, message, code, errno, sqlState, stack } = loggedError(ERRORS['a duplicate key']);
    assert.deepEqual(
      { name, message, code, errno, sqlState },
      {
        ...{ name: 'Error', message: 'the database refused a statement: t.slug' },
        ...{ code: 'ER_DUP_ENTRY', errno: 1062, sqlState: '23000' },
      },
    );
    assert.match(stack ?? '', /^ {4}at .*logged-error\.test\.ts/);
  });

  it('keeps plain words, and the causes', () => {
    const error = new Error('fetch failed', {
      cause: failingWith('connect ECONNREFUSED 127.0.0.1:1', { code: 'ECONNREFUSED' }),
    });
    assert.equal(errorText(error), 'Error: fetch failed <- Error: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('bears what cannot be read', () => {
    const unreadable = new Proxy(new Error('x'), {
      get: () => {
        throw new Error('no');
      },
    });
    assert.equal(loggedError(unreadable).message, 'an error that cannot be read');
    assert.equal(loggedError(undefined).message, 'undefined');
  });
});

describe('createFailureLog', () => {
  it('writes a kind of failure once in a while and counts the others; another kind at once', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = createLogger('svc-test', 'info', { write: (line) => void lines.push(JSON.parse(line)) });
    const failures = createFailureLog(log, 'the loop failed', { intervalMs: 50 });
    for (let tries = 0; tries < 5; tries += 1)
      failures.failed(failingWith('away', { code: 'ECONNREFUSED' }), { tries });
    failures.failed(new TypeError('broken'));
    assert.deepEqual(
      lines.map(({ err, alsoFailed, tries }) => [(err as Error).message, alsoFailed, tries]),
      [
        ['away', undefined, 0],
        ['broken', undefined, undefined],
      ],
    );
    await new Promise((resolve) => setTimeout(resolve, 60));
    failures.failed(failingWith('away', { code: 'ECONNREFUSED' }));
    assert.equal(lines[2]?.alsoFailed, 4);
  });
});
