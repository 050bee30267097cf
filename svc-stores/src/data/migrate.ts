import { migrate as migrateWith } from '@malla/chassis/migrate';
import { openOrm } from './orm.ts';

/**
 * Brings the database's tables up to date, from wherever a job that was killed left them.
 * @returns the names of the migrations that this job completed.
 * @throws Error as the chassis' `migrate` does.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const orm = openOrm(databaseUrl);
  try {
    return await migrateWith(orm);
  } finally {
    await orm.close();
  }
}
