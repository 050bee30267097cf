import type { Readable } from 'node:stream';
import type { Reply } from './app-types.ts';

/**
 * Aborts when the client leaves before its answer is complete, so that the work for it stops.
 * @param body what the answer is read from: it also closes when nobody reads on, as for `HEAD`.
 */
export function clientGone(reply: Reply, body?: Readable): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) controller.abort();
  });
  body?.once('close', () => controller.abort());
  return controller.signal;
}

/**
 * The same for one unary call, by what it tells of how to cancel it: an AbortSignal for each costs more than putting its
 * message together.
 */
export function cancelWhenGone(reply: Reply): (cancel: () => void) => void {
  let gone = false;
  let cancelLast: (() => void) | undefined;
  reply.raw.once('close', () => {
    gone = !reply.raw.writableEnded;
    if (gone) cancelLast?.();
  });
  return (cancel) => {
    cancelLast = cancel;
    if (gone) cancel();
  };
}
