import assert from 'node:assert/strict';
import { migrate } from '../../src/data/migrate.ts';
import { openOrm } from '../../src/data/orm.ts';
import { createDatabase, createEmptyDatabase } from '../support/database.ts';

const MIGRATIONS = ['2026-11-24-users', '2026-11-30-permissions', '2026-12-07-known-origins', '2026-12-08-takeovers'];

describe('migrate', () => {
  it('makes the tables of an empty database, and does nothing the second time', async () => {
    const database = await createEmptyDatabase();
    assert.deepEqual(await migrate(database.url), MIGRATIONS);
    assert.deepEqual(await migrate(database.url), []);
    await database.drop();
  });

  it('runs once when three jobs start at once', async () => {
    const database = await createEmptyDatabase();
    const names = await Promise.all([1, 2, 3].map(() => migrate(database.url)));
    assert.deepEqual(names.flat(), MIGRATIONS);
    await database.drop();
  });

  it('fails when the database is away', async () => {
    await assert.rejects(migrate('mysql://root@127.0.0.1:1/nobody'), /ECONNREFUSED/);
  });

  it('makes the tables that the entities map to', async () => {
    const database = await createDatabase();
    const orm = openOrm(database.url);
    for (const meta of orm.getMetadata().getAll().values()) {
      const columns = await orm.em.execute<{ Field: string }[]>(`DESCRIBE ${meta.tableName}`);
      const mapped = meta.props.flatMap(({ fieldNames }) => fieldNames).sort();
      assert.deepEqual(columns.map(({ Field }) => Field).sort(), mapped);
    }
    await orm.close();
    await database.drop();
  });
});
