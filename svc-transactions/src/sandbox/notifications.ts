import { randomUUID } from 'node:crypto';
import { createFailureLog } from '@malla/chassis/failure-log';
import type { Logger } from '@malla/chassis/logger';
import { waitMs } from '@malla/chassis/outbox';
import { Webhook } from 'standardwebhooks';
import type { SandboxConfig } from './config.ts';
import type { OperationAnswer } from './operations.ts';
import type { SandboxNotification, SandboxPayment, Store } from './store.ts';
import { testMethodOf } from './test-methods.ts';

const TIMEOUT_MS = 5_000;
const BACKOFF_MS = { min: 200, max: 60_000 };
const POLL_MS = 50;

/** Writes down what is to be told of an operation that has ended, in the order and as often as its test method says. */
export function notifyOf(
  { operation, payment, status, decline_code, expire_time }: OperationAnswer,
  kind: string,
  after: SandboxPayment | undefined,
  store: Store,
  nowMs: number,
): void {
  const { notify, disputes = [] } = testMethodOf(after?.token ?? store.payment(payment)?.token ?? '') ?? {};
  if (notify === 'never') return;
  const add = (type: string, data: object, heldFor?: string) => {
    const id = `evt_${randomUUID()}`;
    const body = JSON.stringify({ id, type, created_ms: nowMs, data });
    store.addNotification(id, body, nowMs, heldFor);
    if (notify === 'twice') store.addNotification(id, body, nowMs, heldFor);
  };
  const held = notify === 'reversed' && kind === 'authorise' ? payment : undefined;
  add('operation.finished', { operation, payment, status, decline_code, expire_time }, held);
  if (kind === 'capture') store.releaseHeld(payment, nowMs + 1);
  if (kind !== 'capture' || status !== 'succeeded' || !after) return;
  const dispute = `dsp_${randomUUID()}`;
  for (const type of disputes) add(type, { dispute, reference: after.reference, amount: after.captured });
}

/** Sends notifications, again until they are taken. */
export interface Notifier {
  /** Sends everything that is due now. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

export function startNotifier(config: SandboxConfig, store: Store, log: Logger): Notifier {
  const webhook = new Webhook(config.SANDBOX_WEBHOOK_SECRET);
  const failures = createFailureLog(log, 'notifications failed');
  const notTaken = createFailureLog(log, 'a notification was not taken', { level: 'warn' });
  const sendOne = async (): Promise<boolean> => {
    const notification = store.due(Date.now());
    if (!notification) return false;
    try {
      await send(notification, config.SANDBOX_WEBHOOK_URL, webhook);
      store.delivered(notification.seq);
    } catch (error) {
      const { seq, attempts, event_id } = notification;
      notTaken.failed(error, { event: event_id, attempts });
      store.undelivered(seq, Math.round(Date.now() + waitMs(attempts, BACKOFF_MS)));
    }
    return true;
  };
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const sendAll = async () => {
    try {
      while (!stopped && (await sendOne()));
    } catch (error) {
      failures.failed(error);
    }
  };
  const flush = () => {
    running = running.then(sendAll);
    return running;
  };
  const timer = setInterval(() => void flush(), POLL_MS);
  return {
    flush,
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

async function send({ event_id, body }: SandboxNotification, url: string, webhook: Webhook): Promise<void> {
  const now = new Date();
  const headers = {
    'content-type': 'application/json',
    'webhook-id': event_id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': webhook.sign(event_id, now, body),
  };
  const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`answered ${response.status}`);
}
