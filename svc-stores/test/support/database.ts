import { randomBytes } from 'node:crypto';
import { migrate } from '../../src/data/migrate.ts';
import { openOrm } from '../../src/data/orm.ts';

/**
 * Makes a database of its own on the MySQL of `TEST_DATABASE_URL`, with the service's tables.
 * @returns its URL, and how to drop it.
 */
export async function createDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const database = await createEmptyDatabase();
  await migrate(database.url);
  return database;
}

/** As `createDatabase`, without tables. */
export async function createEmptyDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = process.env.TEST_DATABASE_URL;
  if (!server) throw new Error('TEST_DATABASE_URL must be the URL of a MySQL that may make databases');
  const name = `stores_${randomBytes(6).toString('hex')}`;
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
