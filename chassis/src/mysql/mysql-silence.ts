import { AsyncLocalStorage } from 'node:async_hooks';
import { currentCall } from '../server/context.ts';

/** A connection of mysql2. */
interface AskedConnection {
  // biome-ignore lint/suspicious/noExplicitAny: mysql2 takes a statement in four ways.
  query: (...args: any[]) => { once(event: 'fields' | 'end' | 'error', listener: () => void): unknown };
  readonly stream: { destroy(error: Error): unknown };
}

/** A statement outside of a call may take so long. */
const ANSWER_MS_MAX = 60_000;
/** Nobody waits for the statements of a call that is over; those that are about to be answered are let. */
const AFTER_DEADLINE_MS = 2_000;

const limits = new AsyncLocalStorage<number>();

/**
 * Does work whose statements are answered within `timeoutMs` each, or their connection is closed. It goes before what else bounds
 * them: the deadline of the call, or a minute.
 * @param timeoutMs Infinity for no bound.
 */
export function answeredWithin<Result>(timeoutMs: number, work: () => Promise<Result>): Promise<Result> {
  return limits.run(timeoutMs, work);
}

/**
 * Closes a connection whose server does not answer in time, as when its host is gone or the network drops all packets: TCP would
 * wait a quarter of an hour, and the pool would have a place less.
 */
export function boundSilence(connection: AskedConnection): void {
  const query = connection.query.bind(connection);
  connection.query = (...args) => {
    const timer = startTimer(connection);
    const answered = () => clearTimeout(timer);
    const callback = args.at(-1);
    if (typeof callback !== 'function') {
      const command = query(...args);
      for (const event of ['fields', 'end', 'error'] as const) command.once(event, answered);
      return command;
    }
    return query(...args.slice(0, -1), (...results: unknown[]) => {
      answered();
      callback(...results);
    });
  };
}

function startTimer({ stream }: AskedConnection): NodeJS.Timeout | undefined {
  const timeoutMs = limits.getStore() ?? limitOfCall();
  return timeoutMs === Number.POSITIVE_INFINITY
    ? undefined
    : setTimeout(() => stream.destroy(silent()), timeoutMs).unref();
}

function limitOfCall(): number {
  const call = currentCall();
  if (!call) return ANSWER_MS_MAX;
  const leftMs = Math.max(0, call.deadline.getTime() - Date.now());
  return Math.min(ANSWER_MS_MAX, leftMs + AFTER_DEADLINE_MS);
}

/** The code is that of mysql2 for a statement that is not answered. */
function silent(): Error {
  const error = new Error('the database did not answer in time');
  return Object.assign(error, { code: 'PROTOCOL_SEQUENCE_TIMEOUT', fatal: true });
}
