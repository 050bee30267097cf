import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { retentionFaults } from '@malla/chassis/testing/retention';
import { openOrm } from '../../src/data/orm.ts';
import { RETENTION } from '../../src/data/retention.ts';
import { createDatabase } from '../support/database.ts';

describe('The retention plan', () => {
  it('says of every table of the schema how long its rows stay, as the README does', async () => {
    const database = await createDatabase();
    const orm = openOrm(database.url);
    const sql = 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()';
    const tables = (await orm.em.execute<{ name: string }[]>(sql)).map(({ name }) => name);
    await orm.close();
    await database.drop();
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    assert.deepEqual(retentionFaults(RETENTION, tables, readme), []);
  });
});
