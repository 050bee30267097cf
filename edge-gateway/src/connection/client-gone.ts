import type { Readable } from 'node:stream';
import type { Reply } from '../arrival/app-types.ts';

/** Calls back once when an exchange is over, at once when it is over already: a client may leave before anybody listens. */
export function onExchangeEnd({ raw }: Reply, callback: () => void): void {
  // A response over HTTP/1.1 has no stream, whatever its type here says, and knows by itself that it was destroyed.
  const { stream, destroyed } = raw as { readonly stream?: typeof raw.stream; readonly destroyed?: boolean };
  if (stream ? stream.destroyed || stream.closed : destroyed) callback();
  else raw.once('close', callback);
}

/**
 * Aborts when the client leaves before its answer is complete, so that the work for it stops.
 * @param body what the answer is read from: it also closes when nobody reads on, as for `HEAD`.
 */
export function clientGone(reply: Reply, body?: Readable): AbortSignal {
  const controller = new AbortController();
  onExchangeEnd(reply, () => {
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
  onExchangeEnd(reply, () => {
    gone = !reply.raw.writableEnded;
    if (gone) cancelLast?.();
  });
  return (cancel) => {
    cancelLast = cancel;
    if (gone) cancel();
  };
}
