import { errorText } from '@malla/chassis/logged-error';
import type { OutboxStore } from '@malla/chassis/outbox';
import type { NotificationStore } from '../../domain/payments/notifications.ts';
import type { Transact } from '../../domain/ports.ts';
import type { Orm } from '../orm.ts';

const INSERT = `INSERT IGNORE INTO provider_notifications
  (provider, event_id, body, attempts, next_try_time, create_time) VALUES (?, ?, ?, 0, ?, ?)`;
export const LOCK_DUE_NOTIFICATION = `SELECT provider, event_id, body, attempts FROM provider_notifications
  WHERE next_try_time <= ? ORDER BY next_try_time LIMIT 1 FOR UPDATE SKIP LOCKED`;
const UPDATE = 'UPDATE provider_notifications SET next_try_time = ? WHERE provider = ? AND event_id = ?';
const RETRY = `UPDATE provider_notifications SET attempts = ?, next_try_time = ?, last_error = ?
  WHERE provider = ? AND event_id = ?`;
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
  const update = ({ provider, eventId }: WaitingNotification, time: Date | null) =>
    em.execute(UPDATE, [time, provider, eventId]);
  return {
    explain: async ({ provider, eventId }, cause) =>
      void (await em.execute(EXPLAIN, [textOf(cause), provider, eventId])),
    add: async (provider, eventId, body, now) => void (await em.execute(INSERT, [provider, eventId, body, now, now])),
    take: (now, leaseTime) =>
      transact(async () => {
        const [row] = await em.execute<Row[]>(LOCK_DUE_NOTIFICATION, [now]);
        if (!row) return undefined;
        const { provider, event_id: eventId, body, attempts } = row;
        const one = { provider, eventId, body: body.toString(), attempts };
        await update(one, leaseTime);
        return one;
      }),
    done: async (one) => void (await update(one, null)),
    retry: async ({ provider, eventId, attempts: before }, time, cause) => {
      const attempts = before + 1;
      const nextTryTime = attempts < ATTEMPTS_MAX ? time : null;
      await em.execute(RETRY, [attempts, nextTryTime, textOf(cause), provider, eventId]);
    },
  };
}

function textOf(cause: unknown): string {
  return errorText(cause).slice(0, ERROR_LENGTH_MAX).toWellFormed();
}
