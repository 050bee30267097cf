import { type Metadata, type StatusObject, status } from '@grpc/grpc-js';
import type { CallContext } from './context.ts';
import { DomainError } from './errors.ts';
import type { AbortReason } from './lifetime.ts';
import { type LoggedError, loggedError } from './logged-error.ts';
import type { Logger } from './logger.ts';
import { isServiceError, notAgain, readStatus, toStatus } from './status.ts';

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
    return (isServiceError(error) && neighbourFailed(readStatus(error))) || internal(error);
  } catch {
    return internal(error);
  }
}

function internal(error: unknown): Outcome {
  return { told: { code: status.INTERNAL, details: UNKNOWN_TEXT }, cause: loggedError(error) };
}

function neighbourFailed({ code, reason }: { code: status; reason?: string }): Outcome | undefined {
  if (code === status.UNAVAILABLE || reason === 'SERVER_BUSY') {
    return {
      told: {
        code: status.UNAVAILABLE,
        details: 'A service that this one needs is not available now.',
        metadata: notAgain(),
      },
    };
  }
  if (code === status.DEADLINE_EXCEEDED) {
    return { told: { code, details: 'A service that this one needs did not answer in time.' } };
  }
  return code === status.CANCELLED ? { told: { code, details: 'The call was cancelled.' } } : undefined;
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
