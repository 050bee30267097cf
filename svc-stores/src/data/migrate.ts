import { openOrm } from './orm.ts';

/** Named for the database, since one server may have several, as in tests; a lock's name has 64 characters at the most. */
const GET_LOCK = "SELECT GET_LOCK(CONCAT('malla-migrations-', LEFT(SHA2(DATABASE(), 256), 32)), ?) AS got";
const LOCK_TIMEOUT_S = 120;

/**
 * Brings the database's tables up to date. A named lock lets one job at a time do so; the others wait, and find it done.
 * @returns the names of the migrations that were run.
 * @throws Error when the lock was not to be had for two minutes, or a migration failed.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const [orm, lockHolder] = [openOrm(databaseUrl), openOrm(databaseUrl)];
  try {
    return await lockHolder.em.transactional(async (em) => {
      const [row] = await em.execute<{ got: number }[]>(GET_LOCK, [LOCK_TIMEOUT_S]);
      if (row?.got !== 1) throw new Error('another migration holds the lock');
      return (await orm.migrator.up()).map(({ name }) => name);
    });
  } finally {
    await Promise.all([orm.close(), lockHolder.close()]);
  }
}
