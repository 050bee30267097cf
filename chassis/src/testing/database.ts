import { createHash, randomBytes } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/mysql';
import { migrate } from '../mysql/migrate.ts';
import { listMigrations } from '../mysql/migration-list.ts';

/** A database of a test file's own. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** Makes databases on the MySQL of `TEST_DATABASE_URL`. */
export interface TestDatabases {
  /** Makes a database with the service's tables, as its migrations leave them. */
  create(): Promise<TestDatabase>;
  /** Makes a database without tables. */
  createEmpty(): Promise<TestDatabase>;
}

/** A database with all migrations, of which others are copies. */
interface Template {
  readonly createTables: readonly string[];
  /** Statements that copy the rows that migrations insert. */
  readonly insertRows: readonly string[];
}

/**
 * Databases for a service's tests. The migrations run once for each MySQL, in a template that stays there: a copy of its tables
 * takes a fraction of the time.
 * @param prefix the beginning of the databases' names.
 */
export function testDatabases(prefix: string, openOrm: (databaseUrl: string) => MikroORM): TestDatabases {
  /** By the URL of the MySQL: a test may bring one of its own. */
  const templates = new Map<string, Promise<Template>>();
  const withOrm = async <T>(name: string, work: (orm: MikroORM) => Promise<T>): Promise<T> => {
    const orm = openOrm(urlOf(name));
    try {
      return await work(orm);
    } finally {
      await orm.close();
    }
  };
  const execute = (sql: string) => withOrm('mysql', (orm) => orm.em.execute(sql));
  const makeTemplate = async (): Promise<Template> => {
    const migrations = await withOrm('mysql', listMigrations);
    const hash = createHash('sha256').update(JSON.stringify(migrations)).digest('hex').slice(0, 12);
    const name = `${prefix}_template_${hash}`;
    await execute(`CREATE DATABASE IF NOT EXISTS ${name}`);
    return await withOrm(name, async (orm) => {
      await migrate(orm);
      return await readTemplate(orm, name);
    });
  };
  const createEmpty = async () => {
    const name = `${prefix}_${randomBytes(6).toString('hex')}`;
    await execute(`CREATE DATABASE ${name}`);
    return { name, url: urlOf(name), drop: async () => void (await execute(`DROP DATABASE ${name}`)) };
  };
  return {
    createEmpty,
    create: async () => {
      const server = urlOf('');
      const template = templates.get(server) ?? makeTemplate();
      templates.set(server, template);
      const { createTables, insertRows } = await template;
      const database = await createEmpty();
      // One session: the tables refer to each other in any order.
      await withOrm(database.name, (orm) =>
        orm.em.transactional(async (em) => {
          await em.execute('SET SESSION foreign_key_checks = 0');
          for (const statement of [...createTables, ...insertRows]) await em.execute(statement);
        }),
      );
      return database;
    },
  };
}

async function readTemplate(orm: MikroORM, template: string): Promise<Template> {
  const tables = (await orm.em.execute<Record<string, string>[]>('SHOW TABLES')).flatMap((row) => Object.values(row));
  const createTables: string[] = [];
  const insertRows: string[] = [];
  for (const table of tables) {
    const [row] = await orm.em.execute<Record<string, string>[]>(`SHOW CREATE TABLE \`${table}\``);
    createTables.push(row?.['Create Table'] ?? '');
    const some = await orm.em.execute<unknown[]>(`SELECT 1 FROM \`${table}\` LIMIT 1`);
    if (some.length > 0) insertRows.push(`INSERT INTO \`${table}\` SELECT * FROM \`${template}\`.\`${table}\``);
  }
  return { createTables, insertRows };
}

/** @throws Error when the variable is missing. */
function urlOf(name: string): string {
  const server = process.env.TEST_DATABASE_URL;
  if (!server) throw new Error('TEST_DATABASE_URL must be the URL of a MySQL that may make databases');
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
