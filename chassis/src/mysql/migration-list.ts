import type { Migration } from '@mikro-orm/migrations';
import type { MikroORM } from '@mikro-orm/mysql';

export type ListedMigration = { readonly name: string; readonly statements: readonly string[] };

/** Stands for the driver and its connection: a statement that `up()` ran by itself would have no record. */
const NOTHING_TO_RUN_WITH = new Proxy(
  {},
  {
    get: () => {
      throw new Error('a migration runs nothing by itself: it adds statements');
    },
  },
);

/**
 * Reads the migrations of the ORM's configuration, in their order.
 * @throws Error when one has no name, adds anything but the text of statements, or runs something by itself.
 */
export async function listMigrations(orm: MikroORM): Promise<ListedMigration[]> {
  const listed: ListedMigration[] = [];
  for (const entry of orm.config.get('migrations').migrationsList ?? []) {
    if (!('class' in entry)) throw new Error(`the migration ${entry.name} is listed without a name of its own`);
    const migration = new entry.class(NOTHING_TO_RUN_WITH, NOTHING_TO_RUN_WITH) as Migration;
    await migration.up();
    const statements = migration.getQueries().filter((query) => typeof query === 'string');
    if (statements.length !== migration.getQueries().length)
      throw new Error(`${entry.name} adds something else than the text of a statement`);
    listed.push({ name: entry.name, statements });
  }
  return listed;
}
