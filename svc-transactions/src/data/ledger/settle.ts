import { setTimeout as sleep } from 'node:timers/promises';
import { readMysqlTime } from '@malla/chassis/mysql-checks';
import { isLockedNow, retryDeadlocks } from '@malla/chassis/mysql-contention';
import { PURPOSES } from '../../domain/ledger/account.ts';
import { writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';

const OF_ACCOUNT = 'SELECT shard FROM ledger_balances WHERE account_id = ? FOR SHARE NOWAIT';
const OF_SHARD = 'SELECT shard FROM ledger_balances WHERE account_id = ? AND shard = ? FOR SHARE';
const SHARDS_MAX = Math.max(...Object.values(PURPOSES).map(({ shards }) => shards));
/** Times of postings are of milliseconds: after one, whatever was committed before is earlier than now. */
const TICK_MS = 1;

/**
 * Waits for whoever is posting to an account at this moment. Each row of its balance is waited for in a statement of its own,
 * so that a transaction that hangs holds nobody up at another row.
 * @returns the database's time before that: every posting of before is committed, and each that follows is later.
 * @throws DomainError `aborted` (CONTENTION) when a row is locked for longer than locks are waited for.
 */
export async function settle({ em }: Orm, accountId: string): Promise<Date> {
  const id = writeId('acct', accountId);
  await sleep(TICK_MS);
  const time = await readMysqlTime((sql) => em.execute(sql));
  if (await isQuiet(em, id)) return time;
  for (let shard = 0; shard < SHARDS_MAX; shard += 1) await retryDeadlocks(() => em.execute(OF_SHARD, [id, shard]));
  return time;
}

/** Whether nobody has locked a row of the account's balance. */
async function isQuiet(em: Orm['em'], id: Buffer): Promise<boolean> {
  try {
    await em.execute(OF_ACCOUNT, [id]);
    return true;
  } catch (error) {
    if (isLockedNow(error)) return false;
    throw error;
  }
}
