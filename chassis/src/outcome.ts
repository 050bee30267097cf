import { type StatusObject, status } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';
import type { AbortReason } from './call.ts';
import { DomainError } from './errors.ts';
import type { Logger } from './logger.ts';
import { isServiceError, readStatus, toStatus } from './status.ts';

const UNKNOWN_TEXT = 'The service failed. The request id tells the operators why.';

/** The status that a call which was aborted ends in. */
export function abortStatus(reason: AbortReason): Partial<StatusObject> {
  return reason === 'deadline'
    ? { code: status.DEADLINE_EXCEEDED, details: 'The call took longer than its deadline.' }
    : { code: status.CANCELLED, details: 'The client cancelled the call.' };
}

/**
 * The status that whatever a handler threw ends in: a DomainError its own; a neighbour that was too slow or away, the same;
 * anything else INTERNAL with a constant text. Never the text of an error that was not written for clients.
 */
export function failureStatus(error: unknown): Partial<StatusObject> {
  if (error instanceof DomainError) return toStatus(error);
  if (isServiceError(error)) return neighbourStatus(error.code);
  return { code: status.INTERNAL, details: UNKNOWN_TEXT };
}

function neighbourStatus(code: status): Partial<StatusObject> {
  switch (code) {
    case status.UNAVAILABLE:
      return { code, details: 'A service that this one needs is not available now.' };
    case status.DEADLINE_EXCEEDED:
      return { code, details: 'A service that this one needs did not answer in time.' };
    case status.CANCELLED:
      return { code, details: 'The call was cancelled.' };
    default:
      return { code: status.INTERNAL, details: UNKNOWN_TEXT };
  }
}

/** Writes the one line that every call leaves: what, how it ended, how long it took; and why, when it is our fault. */
export function logOutcome(
  log: Logger,
  rpc: RpcContract,
  startedMs: number,
  outcome: { code: status; requestId: string; userId?: string | undefined; error?: unknown },
): void {
  const { code, requestId, userId, error } = outcome;
  const ms = Math.round((performance.now() - startedMs) * 100) / 100;
  const ours = code === status.INTERNAL || code === status.UNKNOWN;
  const reason = error instanceof DomainError ? error.reason : undefined;
  const line = {
    rpc: rpc.path,
    code: status[code],
    ms,
    requestId,
    userId,
    reason,
    ...(ours && { err: loggable(error) }),
  };
  log[ours ? 'error' : 'info'](line, 'rpc');
}

/** An error as it may stand in a log: its own name, message and stack, not the request that it may carry. */
function loggable(error: unknown): unknown {
  if (isServiceError(error)) return { name: error.name, message: readStatus(error).message, stack: error.stack };
  if (error instanceof Error) return { name: error.name, message: error.message, stack: error.stack };
  return { name: typeof error, message: String(error) };
}
