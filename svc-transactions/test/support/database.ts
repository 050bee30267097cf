import { randomBytes } from 'node:crypto';
import { migrate } from '../../src/data/migrate.ts';
import { openOrm } from '../../src/data/orm.ts';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** Makes a database of its own on the MySQL of `TEST_DATABASE_URL`, with the service's tables. */
export async function createDatabase(): Promise<TestDatabase> {
  const database = await createEmptyDatabase();
  await migrate(database.url);
  return database;
}

/** Makes a database without tables on the MySQL of `TEST_DATABASE_URL`. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const server = process.env.TEST_DATABASE_URL;
  if (!server) throw new Error('TEST_DATABASE_URL must be the URL of a MySQL that may make databases');
  const name = `transactions_${randomBytes(6).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await execute(server, `CREATE DATABASE ${name}`);
  return { url: url.href, drop: () => execute(server, `DROP DATABASE ${name}`) };
}

async function execute(url: string, sql: string): Promise<void> {
  const base = new URL(url);
  base.pathname = '/mysql';
  const orm = openOrm(base.href);
  try {
    await orm.em.execute(sql);
  } finally {
    await orm.close();
  }
}
