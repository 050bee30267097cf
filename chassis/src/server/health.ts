import type {
  handleServerStreamingCall,
  Server,
  ServerWritableStream,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { loggedError } from '../observe/logged-error.ts';
import type { Logger } from '../observe/logger.ts';

/** Resolves when the process can serve, rejects when something it cannot do without is away. It may take as long as the time between checks. */
export type ReadinessCheck = () => Promise<void>;

/** The `grpc.health.v1` of a server: what it says, and why it changes. */
export interface Health {
  /** Says SERVING as long as the readiness check passes. Resolves after the first check. */
  start(): Promise<void>;
  /** Says NOT_SERVING from now on, and ends every watch. */
  drain(): void;
}

type Watcher = ServerWritableStream<unknown, unknown>;

const CHECK_INTERVAL_MS = 5_000;

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
  const watchers = new Set<Watcher>();
  health.addToServer({ addService: (service, handlers) => server.addService(service, noting(watchers, handlers)) });
  let status: 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' = 'UNKNOWN';
  let timer: NodeJS.Timeout | undefined;
  let drained = false;

  const say = (now: 'SERVING' | 'NOT_SERVING', error?: unknown) => {
    if (now === status || drained) return;
    status = now;
    for (const name of names) health.setStatus(name, now);
    if (error === undefined) log.info(now === 'SERVING' ? 'serving' : 'draining');
    else log.error({ err: loggedError(error) }, 'not serving');
  };
  const look = async () => {
    await inTime(check, checkIntervalMs).then(
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
      for (const watcher of watchers) watcher.end();
    },
  };
}

/** Notes who watches, since a watch ends by itself only when the client goes, and a server stops when all calls have ended. */
function noting(watchers: Set<Watcher>, handlers: UntypedServiceImplementation): UntypedServiceImplementation {
  const watch = handlers.watch as handleServerStreamingCall<unknown, unknown>;
  const noted = (call: Watcher) => {
    watchers.add(call);
    call.on('cancelled', () => watchers.delete(call));
    watch(call);
  };
  return { ...handlers, watch: noted };
}

async function inTime(check: ReadinessCheck, timeoutMs: number): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(reject, timeoutMs, new Error('the readiness check took too long'));
  try {
    await Promise.race([check(), late]);
  } finally {
    clearTimeout(timer);
  }
}
