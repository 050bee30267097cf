import { setTimeout as sleep } from 'node:timers/promises';
import { openOrm } from '../../src/data/orm.ts';
import type { TestService } from './service.ts';

const POLL_MS = 10;

/** Does work while somebody else holds the lock on a user's row. */
export async function whileProfileLocked(
  { config }: TestService,
  email: string,
  work: () => Promise<void>,
): Promise<void> {
  const orm = openOrm(config.DATABASE_URL);
  try {
    await orm.em.transactional(async (em) => {
      await em.execute('SELECT * FROM users WHERE email = ? FOR UPDATE', [email]);
      await work();
    });
  } finally {
    await orm.close();
  }
}

/** How many queries of the service wait for a row's lock. */
export async function lockWaits({ sql }: TestService): Promise<number> {
  const [row] = await sql<{ n: number }>(
    `SELECT COUNT(*) AS n FROM performance_schema.processlist
      WHERE db = DATABASE() AND command = 'Query' AND info LIKE '%for update%' AND id <> CONNECTION_ID()`,
  );
  return Number(row?.n);
}

/** Waits until something holds that nobody tells about. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(POLL_MS);
}
