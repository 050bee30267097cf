import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/mysql';
import { migrate } from '../mysql/migrate.ts';
import { listMigrations } from '../mysql/migration-list.ts';
import { MIGRATIONS_TABLE } from '../mysql/migration-records.ts';
import { killJob, type Moment } from './killed-job.ts';

/** A service whose migrations are checked. */
export interface MigratedService {
  /** The service's folder, with `src/migrate.ts`. */
  readonly folder: string;
  openOrm(databaseUrl: string): MikroORM;
  createEmptyDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }>;
}

/** Queries until a random kill, at the most: a job makes about three for each statement. */
const QUERIES_MAX = 24;
const MOMENTS: readonly Moment[] = ['before', 'during', 'after'];

/** At how many statements a job is killed: each takes a second. */
const STATEMENTS = Number(process.env.MIGRATION_STATEMENTS ?? 8);

/**
 * Kills the job at statements of the migrations, when the statement has taken effect and nobody has recorded it. The statements
 * are drawn by lot, and in a nightly run they are all.
 */
export async function checkKilledAtStatements(service: MigratedService): Promise<void> {
  await onDatabase(service, async (databaseUrl, orm) => {
    const statements = (await listMigrations(orm)).flatMap((migration) => migration.statements);
    for (const statement of drawn(statements, STATEMENTS)) {
      const momentOf = (query: string): Moment | undefined => (query.includes(statement) ? 'after' : undefined);
      assert.equal(await killJob({ folder: service.folder, databaseUrl, momentOf }), 'killed', statement);
    }
    await migrate(orm);
    assert.deepEqual(await schemaOf(orm), await cleanSchema(service));
  });
}

/** How many jobs are killed at random: each takes a second. */
const KILLS = Number(process.env.MIGRATION_KILLS ?? 4);

/** Kills jobs at random queries, one after another on the same database until it is up to date, and so on with the next. */
export async function checkKilledAtRandom(service: MigratedService): Promise<void> {
  const clean = await cleanSchema(service);
  for (let left = KILLS; left > 0; ) {
    left = await onDatabase(service, async (databaseUrl, orm) => {
      for (; left > 0; left -= 1) {
        let queries = randomInt(QUERIES_MAX);
        const moment = MOMENTS[randomInt(MOMENTS.length)];
        const momentOf = () => (queries-- === 0 ? moment : undefined);
        if ((await killJob({ folder: service.folder, databaseUrl, momentOf })) === 'completed') break;
      }
      await migrate(orm);
      assert.deepEqual(await schemaOf(orm), clean);
      return left;
    });
  }
}

/**
 * Continues where a version that wrote no records of steps died: when the statements of a migration had taken effect, all or
 * the first half of them, and the migration had no record.
 * @param died the name of a migration that such a version had.
 */
export async function checkOldDatabase(service: MigratedService, died: string): Promise<void> {
  const clean = await cleanSchema(service);
  for (const share of [1, 0.5]) {
    await onDatabase(service, async (_databaseUrl, orm) => {
      const migrations = await listMigrations(orm);
      const index = migrations.findIndex(({ name }) => name === died);
      await orm.em.execute(MIGRATIONS_TABLE);
      for (const { name, statements } of migrations.slice(0, index + 1)) {
        const effective = name === died ? Math.ceil(statements.length * share) : statements.length;
        for (const statement of statements.slice(0, effective)) await orm.em.execute(statement);
        if (name !== died) await orm.em.execute('INSERT INTO migrations (name) VALUES (?)', [name]);
      }
      const expected = migrations.slice(index).map(({ name }) => name);
      assert.deepEqual(await migrate(orm), expected);
      assert.deepEqual(await schemaOf(orm), clean);
    });
  }
}

/** @returns at most `count` of them, in their order. */
function drawn<T>(list: readonly T[], count: number): T[] {
  const indexes = [...list.keys()];
  while (indexes.length > count) indexes.splice(randomInt(indexes.length), 1);
  return indexes.map((index) => list[index] as T);
}

async function cleanSchema(service: MigratedService): Promise<string[]> {
  return await onDatabase(service, async (_databaseUrl, orm) => {
    await migrate(orm);
    return await schemaOf(orm);
  });
}

async function onDatabase<T>(
  service: MigratedService,
  work: (databaseUrl: string, orm: MikroORM) => Promise<T>,
): Promise<T> {
  const database = await service.createEmptyDatabase();
  const orm = service.openOrm(database.url);
  try {
    return await work(database.url, orm);
  } finally {
    await orm.close();
    await database.drop();
  }
}

/** Every table as MySQL describes it, and which migrations are recorded. */
async function schemaOf(orm: MikroORM): Promise<string[]> {
  const tables = await orm.em.execute<Record<string, string>[]>('SHOW TABLES');
  const described: string[] = [];
  for (const table of tables.flatMap((row) => Object.values(row)).sort()) {
    const [row] = await orm.em.execute<Record<string, string>[]>(`SHOW CREATE TABLE \`${table}\``);
    described.push((row?.['Create Table'] ?? '').replace(/ AUTO_INCREMENT=\d+/, ''));
  }
  const names = await orm.em.execute<{ name: string }[]>('SELECT name FROM migrations ORDER BY name');
  return [...described, ...names.map(({ name }) => name)];
}
