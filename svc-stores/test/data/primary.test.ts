import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { fixedClock } from '@malla/chassis/database-clock';
import { DomainError } from '@malla/chassis/errors';
import { mysqlReadiness } from '@malla/chassis/mysql-checks';
import { orUnavailable } from '@malla/chassis/mysql-outage';
import { type Orm, openOrm } from '../../src/data/orm.ts';
import { createDatabase } from '../support/database.ts';

const CONNECTIONS = 5;
/** More than the pool has places. */
const TRIES = 25;
const WRITE = 'UPDATE migrations SET name = name';

describe('A MySQL that', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let orm: Orm;
  beforeEach(async () => {
    database = await createDatabase();
    orm = openOrm(database.url);
  });
  afterEach(async () => {
    await orm.close();
    await database.drop();
  });

  it('is read-only behind old connections, and not behind new ones, costs one write', async () => {
    await demote();
    await rejectsAsAway(() => write());
    await Promise.all(Array.from({ length: CONNECTIONS }, () => write()));
  });

  it('is read-only is not ready, and its connections are left by the check alone', async () => {
    const ready = mysqlReadiness((sql) => orm.em.fork().execute(sql), fixedClock({ now: () => new Date() }));
    await ready();
    await demote();
    await rejectsAsAway(ready);
    await ready();
    await Promise.all(Array.from({ length: CONNECTIONS }, () => write()));
  });

  it('is over a limit of the user is away, and works again when the limit is lifted', async () => {
    const admin = orm;
    const [name, password] = [`limited_${randomBytes(4).toString('hex')}`, randomBytes(12).toString('hex')];
    const url = new URL(database.url);
    await admin.em.execute(`CREATE USER ${name} IDENTIFIED BY '${password}' WITH MAX_QUERIES_PER_HOUR 1`);
    await admin.em.execute(`GRANT ALL ON ${url.pathname.slice(1)}.* TO ${name}`);
    [url.username, url.password] = [name, password];
    const limited = openOrm(url.href);
    for (let at = 0; at < TRIES; at += 1) {
      await rejectsAsAway(async () => {
        await write(limited);
        await write(limited);
      });
    }
    await admin.em.execute(`ALTER USER ${name} WITH MAX_QUERIES_PER_HOUR 0`);
    await write(limited);
    await limited.close();
    await admin.em.execute(`DROP USER ${name}`);
  });

  const write = (by = orm) => orUnavailable(() => by.em.fork().execute(WRITE));

  /** Has every connection of the pool be as one to a primary that was demoted. */
  async function demote(): Promise<void> {
    const sessions = Array.from({ length: CONNECTIONS }, () => orm.em.fork());
    await Promise.all(sessions.map((em) => em.begin()));
    await Promise.all(sessions.map((em) => em.execute('SET SESSION transaction_read_only = 1')));
    await Promise.all(sessions.map((em) => em.rollback()));
  }
});

async function rejectsAsAway(work: () => Promise<unknown>): Promise<void> {
  await assert.rejects(orUnavailable(work), (error) => {
    assert.ok(error instanceof DomainError, String(error));
    assert.equal(error.reason, 'DATABASE_UNAVAILABLE');
    return true;
  });
}
