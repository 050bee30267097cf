import { currentCall } from './context.ts';
import { DomainError } from './errors.ts';

/** What MySQL answers while it cannot work: too many connections, shutting down, read-only for a failover. */
const SERVER_CODES: ReadonlySet<string> = new Set([
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_SERVER_SHUTDOWN',
  'ER_OPTION_PREVENTS_STATEMENT',
]);
const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
const RETRY_AFTER_MS = 1_000;

/**
 * Does work that needs the database.
 * @throws DomainError `unavailable` (DATABASE_UNAVAILABLE) when the database cannot be reached or cannot work now.
 */
export async function orUnavailable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!isOutage(cause)) throw cause;
    currentCall()?.log.warn({ cause: cause.message }, 'the database is away');
    const details = { retryAfterMs: RETRY_AFTER_MS };
    throw new DomainError('unavailable', 'DATABASE_UNAVAILABLE', 'The service cannot work now.', details, { cause });
  }
}

/** Whether an error means that the database is away, and not that it refused what it was asked. */
function isOutage(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (code.startsWith('ER_')) return SERVER_CODES.has(code);
  return NETWORK_CODES.has(code) || ('fatal' in error && error.fatal === true);
}
