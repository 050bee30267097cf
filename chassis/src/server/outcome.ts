import { type Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { DomainError } from '../lib/errors.ts';
import { isServiceError, notAgain, type RpcStatus, readStatus, toStatus } from '../lib/status.ts';
import { type LoggedError, loggedError } from '../observe/logged-error.ts';
import type { Logger } from '../observe/logger.ts';
import type { CallContext } from './context.ts';
import type { AbortReason } from './lifetime.ts';

/** What the client is told. */
export type StatusTold = Pick<StatusObject, 'code' | 'details'> & { readonly metadata?: Metadata };

/** How a call ended: what the client is told, and what only the log is. */
export interface Outcome {
  readonly told: StatusTold;
  /** The reason of a DomainError. */
  readonly reason?: string;
  /** What went wrong, when it is our fault. */
  readonly cause?: LoggedError;
}

/** A token that we have accepted is good: a neighbour that does not think so has a wrong clock or no keys. */
const REFUSED_TO_US: ReadonlySet<status> = new Set([
  status.UNAUTHENTICATED,
  status.RESOURCE_EXHAUSTED,
  status.ABORTED,
  status.UNIMPLEMENTED,
]);
const UNKNOWN_TEXT = 'The service failed. The request id tells the operators why.';

const ABORTED: Readonly<Record<AbortReason, StatusTold>> = {
  cancelled: { code: status.CANCELLED, details: 'The client cancelled the call.' },
  deadline: { code: status.DEADLINE_EXCEEDED, details: 'The call took longer than its deadline.' },
  stopping: { code: status.UNAVAILABLE, details: 'The service stopped before it could answer.' },
};

/** The outcome of a call that was aborted. */
export function aborted(reason: AbortReason): Outcome {
  return { told: ABORTED[reason] };
}

/**
 * The outcome of whatever a handler threw: a DomainError its own; a neighbour that was too slow or away, the same; anything
 * else INTERNAL with a constant text. Never the text of an error that was not written for clients. Never throws, though what
 * was thrown may do so when it is touched.
 */
export function failed(error: unknown): Outcome {
  try {
    if (error instanceof DomainError) return { told: toStatus(error), reason: error.reason };
    return (isServiceError(error) && neighbourFailed(error, readStatus(error))) || internal(error);
  } catch {
    return internal(error);
  }
}

function internal(error: unknown): Outcome {
  return { told: { code: status.INTERNAL, details: UNKNOWN_TEXT }, cause: loggedError(error) };
}

function neighbourFailed(error: Error, { code, reason }: RpcStatus): Outcome | undefined {
  if (code === status.UNAVAILABLE || reason === 'SERVER_BUSY') return { told: neighbourAway() };
  // Its caller's session has ended since it was looked at here.
  if (reason === 'SESSION_REVOKED') {
    return {
      told: toStatus(new DomainError('unauthenticated', reason, 'The session of the token has ended.')),
      reason,
    };
  }
  // What it refuses us and not the request: it is ill, full, or of another version, and the log says which.
  if (REFUSED_TO_US.has(code) || reason === 'CALLER_NOT_ALLOWED')
    return { told: neighbourAway(), cause: loggedError(error) };
  if (code === status.DEADLINE_EXCEEDED) {
    return { told: { code, details: 'A service that this one needs did not answer in time.' } };
  }
  return code === status.CANCELLED ? { told: { code, details: 'The call was cancelled.' } } : undefined;
}

function neighbourAway(): StatusTold {
  const details = 'A service that this one needs is not available now.';
  return { code: status.UNAVAILABLE, details, metadata: notAgain() };
}

/** Writes the one line that every call leaves: what, how it ended, how long it took; and why, when it is our fault. */
export function logOutcome(log: Logger, call: CallContext, startedMs: number, { told, reason, cause }: Outcome): void {
  const line = {
    rpc: call.rpc.path,
    code: status[told.code],
    ms: Math.round((performance.now() - startedMs) * 100) / 100,
    requestId: call.requestId,
    userId: call.user?.userId,
    reason,
    err: cause,
  };
  log[cause ? 'error' : 'info'](line, 'rpc');
}
