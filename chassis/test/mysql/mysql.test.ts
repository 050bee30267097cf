import assert from 'node:assert/strict';
import { DomainError } from '../../src/lib/errors.ts';
import { retryDeadlocks } from '../../src/mysql/mysql-contention.ts';
import { orUnavailable } from '../../src/mysql/mysql-outage.ts';

const deadlock = () => Object.assign(new Error('Deadlock found'), { code: 'ER_LOCK_DEADLOCK', errno: 1213 });
const lockWait = () => Object.assign(new Error('Lock wait timeout'), { code: 'ER_LOCK_WAIT_TIMEOUT', errno: 1205 });
const isReason = (reason: string) => (error: unknown) => error instanceof DomainError && error.reason === reason;

describe('retryDeadlocks', () => {
  it('does the work again until it is not rolled back', async () => {
    let tries = 0;
    const work = async () => {
      tries += 1;
      if (tries < 3) throw deadlock();
      return 'done';
    };
    assert.equal(await retryDeadlocks(work), 'done');
    assert.equal(tries, 3);
  });

  it('gives up as CONTENTION after five tries, and at once when a lock was not to be had', async () => {
    let tries = 0;
    const failing = (error: () => Error) => async () => {
      tries += 1;
      throw error();
    };
    await assert.rejects(retryDeadlocks(failing(deadlock)), isReason('CONTENTION'));
    assert.equal(tries, 5);
    await assert.rejects(retryDeadlocks(failing(lockWait)), isReason('CONTENTION'));
    assert.equal(tries, 6);
  });

  it('leaves every other failure as it is', async () => {
    const failure = new Error('a bug');
    await assert.rejects(
      retryDeadlocks(() => Promise.reject(failure)),
      failure,
    );
  });
});

describe('orUnavailable', () => {
  const codes = [
    ...['ECONNREFUSED', 'ECONNRESET', 'ER_SERVER_SHUTDOWN', 'ER_CON_COUNT_ERROR', 'ER_USER_LIMIT_REACHED'],
    ...['ER_SERVER_OFFLINE_MODE', 'ER_OPTION_PREVENTS_STATEMENT', 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION'],
    ...['ER_READ_ONLY_MODE', 'ER_ACCESS_DENIED_ERROR', 'ER_TRANSACTION_ROLLBACK_DURING_COMMIT'],
  ];
  for (const code of codes) {
    it(`answers DATABASE_UNAVAILABLE for ${code}`, async () => {
      const failing = orUnavailable(() => Promise.reject(Object.assign(new Error('away'), { code })));
      await assert.rejects(failing, isReason('DATABASE_UNAVAILABLE'));
    });
  }

  it('answers DATABASE_UNAVAILABLE for whatever ends or refuses a connection', async () => {
    const failing = orUnavailable(() => Promise.reject(Object.assign(new Error('ended'), { fatal: true })));
    await assert.rejects(failing, isReason('DATABASE_UNAVAILABLE'));
  });

  it('leaves what the database refused as it is', async () => {
    const refused = Object.assign(new Error('no such column'), { code: 'ER_BAD_FIELD_ERROR', errno: 1054 });
    await assert.rejects(
      orUnavailable(() => Promise.reject(refused)),
      refused,
    );
  });
});
