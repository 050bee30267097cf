import type { Server } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from './logger.ts';
import { causeOf } from './outcome.ts';

/** Resolves when the process can serve, rejects when something it cannot do without is away. It is given 3 seconds. */
export type ReadinessCheck = () => Promise<void>;

/** The `grpc.health.v1` of a server: what it says, and why it changes. */
export interface Health {
  /** Says SERVING as long as the readiness check passes. Resolves after the first check. */
  start(): Promise<void>;
  /** Says NOT_SERVING from now on. */
  drain(): void;
}

const CHECK_INTERVAL_MS = 5_000;
const CHECK_TIMEOUT_MS = 3_000;

/**
 * Adds `grpc.health.v1` to a server, for the server as a whole ("") and for each of its services.
 * @param checkIntervalMs from the end of one check to the next. Default: 5 seconds.
 */
export function addHealth(
  server: Server,
  services: readonly string[],
  check: ReadinessCheck,
  log: Logger,
  checkIntervalMs = CHECK_INTERVAL_MS,
): Health {
  const names = ['', ...services];
  const health = new HealthImplementation(Object.fromEntries(names.map((name) => [name, 'NOT_SERVING'])));
  health.addToServer(server);
  let status: 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' = 'UNKNOWN';
  let timer: NodeJS.Timeout | undefined;
  let drained = false;

  const say = (now: 'SERVING' | 'NOT_SERVING', error?: unknown) => {
    if (now === status || drained) return;
    status = now;
    for (const name of names) health.setStatus(name, now);
    if (error === undefined) log.info(now === 'SERVING' ? 'serving' : 'draining');
    else log.error({ err: causeOf(error) }, 'not serving');
  };
  const look = async () => {
    await inTime(check).then(
      () => say('SERVING'),
      (error: unknown) => say('NOT_SERVING', error ?? new Error('the readiness check failed')),
    );
    if (!drained) timer = setTimeout(look, checkIntervalMs).unref();
  };
  return {
    start: look,
    drain: () => {
      say('NOT_SERVING');
      drained = true;
      clearTimeout(timer);
    },
  };
}

async function inTime(check: ReadinessCheck): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(reject, CHECK_TIMEOUT_MS, new Error('the readiness check took too long'));
  try {
    await Promise.race([check(), late]);
  } finally {
    clearTimeout(timer);
  }
}
