import assert from 'node:assert/strict';
import { createLogger } from '@malla/chassis/logger';
import { openOrm } from '../../src/data/orm.ts';
import { createDatabase } from '../support/database.ts';

const SECRET = 'hunter2';

describe('an error of MySQL in the log', () => {
  it('has its code and where it was thrown, and no value of the statement', async () => {
    const database = await createDatabase();
    const orm = openOrm(database.url);
    const lines: string[] = [];
    const log = createLogger('svc-users', 'info', { write: (line) => void lines.push(line) });
    const sql = 'INSERT INTO login_attempts (attempt_key, attempts, window_end_time) VALUES (?, 1, ?)';
    const key = Buffer.from(SECRET.padEnd(32));
    const failing: [string, unknown[]][] = [
      [sql, [key, new Date()]],
      [sql, [key, new Date()]],
      [sql, [SECRET.repeat(20), new Date()]],
      [sql, [Buffer.alloc(32), `o'${SECRET}`]],
      [`SELECT '${SECRET}' FROM nothing WHERE a = ?`, [SECRET]],
      [`SELECT ${SECRET} FROM users`, []],
    ];
    for (const [statement, values] of failing) {
      await orm.em
        .fork()
        .execute(statement, values)
        .catch((error: unknown) => log.error({ err: error }, 'failed'));
    }
    await orm.close();
    await database.drop();
    assert.equal(lines.length, failing.length - 1);
    assert.ok(!lines.join('').includes(SECRET), lines.join(''));
    assert.match(lines[0] ?? '', /login_attempts\.PRIMARY.*ER_DUP_ENTRY/);
  });
});
