import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Databases } from './databases.ts';

const POLL_MS = 200;
/** What has to end by itself, and so has to be nothing in the end. */
const WAITING = {
  purchases: 'SELECT COUNT(*) AS n FROM purchases WHERE next_step_time IS NOT NULL',
  operations: 'SELECT COUNT(*) AS n FROM provider_operations WHERE next_try_time IS NOT NULL',
  restocks: 'SELECT COUNT(*) AS n FROM refunds WHERE restock_time IS NOT NULL',
  notifications: 'SELECT COUNT(*) AS n FROM provider_notifications WHERE next_try_time IS NOT NULL',
} as const;
const OPEN = `SELECT BIN_TO_UUID(purchases.purchase_id) AS purchase, BIN_TO_UUID(purchases.payment_id) AS payment, purchases.state,
  purchases.reason, purchases.attempts, last_error, next_step_time, purchases.create_time, payments.state AS payment_state,
  outcome_unknown, decline_code, kind, provider_operations.attempts AS tries, next_try_time
  FROM purchases JOIN payments USING (payment_id)
  LEFT JOIN provider_operations ON provider_operations.payment_id = payments.payment_id AND next_try_time IS NOT NULL
  WHERE next_step_time IS NOT NULL ORDER BY purchases.purchase_id LIMIT 20`;
const UNTOLD = 'SELECT COUNT(*) AS n FROM notifications WHERE due_ms IS NOT NULL';

/**
 * Waits until nothing is on its way any more: no purchase, no operation of the provider, no notification.
 * @returns after how many milliseconds.
 * @throws Error saying what is left after `withinMs`.
 */
export async function recovered({ transactions }: Databases, sandboxFile: string, withinMs: number): Promise<number> {
  const begun = performance.now();
  const sandbox = new DatabaseSync(sandboxFile, { readOnly: true });
  try {
    for (;;) {
      const left: Record<string, unknown> = { untold: sandbox.prepare(UNTOLD).get()?.n };
      for (const [name, sql] of Object.entries(WAITING))
        left[name] = (await transactions.rows<{ n: number }>(sql))[0]?.n;
      if (Object.values(left).every((n) => n === 0)) return performance.now() - begun;
      if (performance.now() - begun > withinMs) throw new Error(`still on its way: ${JSON.stringify(left)}`);
      await sleep(POLL_MS);
    }
  } finally {
    sandbox.close();
  }
}

/** The purchases that have not ended, the oldest first, with what is asked of the provider: for whoever has to find out why. */
export async function unfinished({ transactions }: Databases): Promise<string> {
  const rows = await transactions.rows<object>(OPEN);
  return rows.map((row) => `      ${JSON.stringify(row)}`).join('\n');
}
