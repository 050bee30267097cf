import type { Reply } from './app-types.ts';

/** Aborts when the client leaves before its answer is complete, so that the work for it stops. */
export function clientGone(reply: Reply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) controller.abort();
  });
  return controller.signal;
}
