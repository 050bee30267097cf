import type { OutboxStore } from '@malla/chassis/outbox';
import type { NotificationStore } from '../../domain/payments/notifications.ts';
import type { Transact } from '../../domain/ports.ts';
import type { Orm } from '../orm.ts';

const INSERT = `INSERT IGNORE INTO provider_notifications
  (provider, event_id, body, attempts, next_try_time, create_time) VALUES (?, ?, ?, 0, ?, ?)`;
export const LOCK_DUE_NOTIFICATION = `SELECT provider, event_id, body, attempts FROM provider_notifications
  WHERE next_try_time <= ? ORDER BY next_try_time LIMIT 1 FOR UPDATE SKIP LOCKED`;
const UPDATE = 'UPDATE provider_notifications SET attempts = ?, next_try_time = ? WHERE provider = ? AND event_id = ?';
const EXPLAIN = 'UPDATE provider_notifications SET last_error = ? WHERE provider = ? AND event_id = ?';
const ERROR_LENGTH_MAX = 255;
/** What could not be acted upon for so long never will be: about two days. It stays in the table, for people to look at. */
const ATTEMPTS_MAX = 60;

/** A notification that is to be acted upon. */
export interface WaitingNotification {
  readonly provider: string;
  readonly eventId: string;
  readonly body: string;
  readonly attempts: number;
}

interface Row {
  readonly provider: string;
  readonly event_id: string;
  readonly body: Buffer;
  readonly attempts: number;
}

export interface NotificationQueue extends OutboxStore<WaitingNotification> {
  /** Writes down why a notification was not acted upon. */
  explain(one: WaitingNotification, cause: unknown): Promise<void>;
}

/** What providers tell, in MySQL. */
export function createNotifications({ em }: Orm, transact: Transact): NotificationStore & NotificationQueue {
  const update = (one: WaitingNotification, attempts: number, time: Date | null) =>
    em.execute(UPDATE, [attempts, time, one.provider, one.eventId]);
  const explain = async ({ provider, eventId }: WaitingNotification, cause: unknown) => {
    const why = String(cause).slice(0, ERROR_LENGTH_MAX).toWellFormed();
    await em.execute(EXPLAIN, [why, provider, eventId]);
  };
  return {
    explain,
    add: async (provider, eventId, body, now) => void (await em.execute(INSERT, [provider, eventId, body, now, now])),
    take: (now, leaseTime) =>
      transact(async () => {
        const [row] = await em.execute<Row[]>(LOCK_DUE_NOTIFICATION, [now]);
        if (!row) return undefined;
        const { provider, event_id: eventId, body, attempts } = row;
        const one = { provider, eventId, body: body.toString(), attempts };
        await update(one, attempts, leaseTime);
        return one;
      }),
    done: async (one) => void (await update(one, one.attempts, null)),
    retry: async (one, time, cause) => {
      await explain(one, cause);
      const attempts = one.attempts + 1;
      await update(one, attempts, attempts < ATTEMPTS_MAX ? time : null);
    },
  };
}
