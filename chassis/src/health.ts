import type { Server } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from './logger.ts';

/** Resolves when the process can serve, rejects when something it cannot do without is away. */
export type ReadinessCheck = () => Promise<void>;

/** The `grpc.health.v1` of a server: what it says, and why it changes. */
export interface Health {
  /** Says SERVING as long as the readiness check passes. */
  start(): Promise<void>;
  /** Says NOT_SERVING from now on. */
  drain(): void;
}

const CHECK_INTERVAL_MS = 5_000;

/** Adds `grpc.health.v1` to a server, for the server as a whole ("") and for each of its services. */
export function addHealth(server: Server, services: readonly string[], check: ReadinessCheck, log: Logger): Health {
  const names = ['', ...services];
  const health = new HealthImplementation(Object.fromEntries(names.map((name) => [name, 'NOT_SERVING'])));
  health.addToServer(server);
  let serving = false;
  let timer: NodeJS.Timeout | undefined;
  let drained = false;

  const say = (now: boolean, error?: unknown) => {
    if (now === serving || drained) return;
    serving = now;
    for (const name of names) health.setStatus(name, now ? 'SERVING' : 'NOT_SERVING');
    if (now) log.info('serving');
    else log.error({ cause: error instanceof Error ? error.message : undefined }, 'not serving');
  };
  const look = async () => {
    await check().then(
      () => say(true),
      (error: unknown) => say(false, error),
    );
    if (!drained) timer = setTimeout(look, CHECK_INTERVAL_MS).unref();
  };
  return {
    start: look,
    drain: () => {
      say(false);
      drained = true;
      clearTimeout(timer);
    },
  };
}
