import type { Server } from '@grpc/grpc-js';
import type { Lifetime } from './lifetime.ts';

const REMINDER_INTERVAL_MS = 100;
/** What the calls that outlast the grace have for telling their clients UNAVAILABLE: they may try another replica. */
const LAST_ANSWERS_MS = 100;

/**
 * Ends a server: takes no new call, waits for those that run at most `graceMs`, then aborts them and closes what is left.
 * @param running the calls that have no answer yet.
 */
export async function shutDown(server: Server, running: ReadonlySet<Lifetime>, graceMs: number): Promise<void> {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const abortAll = () => {
    for (const call of running) call.abort('stopping');
  };
  // A connection whose handshake was under way hears that it should go only when it is told again.
  const reminder = setInterval(() => server.tryShutdown(() => undefined), REMINDER_INTERVAL_MS);
  const lastCall = setTimeout(abortAll, Math.max(0, graceMs - LAST_ANSWERS_MS));
  // A socket that never finishes its handshake would hold the server for good.
  const grace = setTimeout(end, Math.max(graceMs, LAST_ANSWERS_MS));
  server.tryShutdown(() => end());
  await ended;
  clearInterval(reminder);
  clearTimeout(lastCall);
  clearTimeout(grace);
  server.forceShutdown();
}
