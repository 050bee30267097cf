import { DomainError } from '../lib/errors.ts';

/**
 * Waits for the client of a stream, for a bounded time.
 * @throws DomainError `aborted` (STREAM_IDLE) when the client has neither sent nor read for `idleMs`.
 */
export async function unlessIdle<Result>(step: Promise<Result>, idleMs: number): Promise<Result> {
  const { promise: idle, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(streamIdle(idleMs)), idleMs);
  try {
    return await Promise.race([step, idle]);
  } finally {
    clearTimeout(timer);
  }
}

function streamIdle(idleMs: number): DomainError {
  const message = `The stream stood still for ${idleMs / 1_000} seconds, and was ended.`;
  return new DomainError('aborted', 'STREAM_IDLE', message);
}
