import { DomainError } from '../lib/errors.ts';
import { currentCall } from '../server/context.ts';
import { busy } from '../server/load-shedding.ts';

/**
 * What MySQL answers when the server behind a connection is not, or soon will not be, the one to write to: it stops, is
 * read-only for a failover, goes offline, or has ended the session; and what is said of one that does not answer.
 */
const LEAVING: ReadonlySet<string> = new Set([
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_GOT_SIGNAL',
  'ER_SHUTDOWN_COMPLETE',
  'ER_FORCING_CLOSE',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
  'ER_READ_ONLY_MODE',
  'ER_SERVER_OFFLINE_MODE',
  'ER_SESSION_WAS_KILLED',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'PROTOCOL_SEQUENCE_TIMEOUT',
]);
/** What it answers when it cannot work now: too many connections, a limit, no resources, nobody let in, no group. */
const UNABLE: ReadonlySet<string> = new Set([
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_USER_LIMIT_REACHED',
  'ER_DISK_FULL',
  'ER_RECORD_FILE_FULL',
  'ER_OUTOFMEMORY',
  'ER_OUT_OF_RESOURCES',
  'ER_CANT_CREATE_THREAD',
  'ER_ACCESS_DENIED_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_HOST_IS_BLOCKED',
  'ER_HOST_NOT_PRIVILEGED',
  'ER_MUST_CHANGE_PASSWORD_LOGIN',
  'ER_ACCOUNT_HAS_BEEN_LOCKED',
  'ER_ABORTING_CONNECTION',
  'ER_NEW_ABORTING_CONNECTION',
  'ER_QUERY_INTERRUPTED',
  'ER_BEFORE_DML_VALIDATION_ERROR',
  'ER_RUN_HOOK_ERROR',
  'ER_TRANSACTION_ROLLBACK_DURING_COMMIT',
]);
const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const RETRY_AFTER_MS = 1_000;
/** The `code` of an error that says: every connection is in use, for longer than a call should wait. */
export const DATABASE_BUSY = 'DATABASE_BUSY';

/**
 * Does work that needs the database.
 * @throws DomainError `unavailable` (DATABASE_UNAVAILABLE) when the database cannot be reached or cannot work now, and
 *   (DATABASE_BUSY) when all connections that the call may use are in use.
 */
export async function orUnavailable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (isBusy(cause)) throw busy(DATABASE_BUSY, 'The service has too much to do at the moment.');
    if (!isOutage(cause)) throw cause;
    currentCall()?.log.warn({ err: cause }, 'the database is away');
    const details = { retryAfterMs: RETRY_AFTER_MS };
    throw new DomainError('unavailable', 'DATABASE_UNAVAILABLE', 'The service cannot work now.', details, { cause });
  }
}

/** Whether MySQL says that this connection leads to a server that is not the one to write to, or leaves. */
export function isLeaving(error: unknown): boolean {
  return error instanceof Error && LEAVING.has(codeOf(error));
}

/**
 * Whether an error means that the database is away, and not that it refused what it was asked. Whatever ends a connection is
 * `fatal` to the driver, and so is every refusal of a new one.
 */
function isOutage(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if ('fatal' in error && error.fatal === true) return true;
  const code = codeOf(error);
  return LEAVING.has(code) || UNABLE.has(code) || NETWORK_CODES.has(code);
}

/** MikroORM keeps the driver's `code`. */
function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === DATABASE_BUSY;
}
