import { promisify } from 'node:util';
import { Server } from '@grpc/grpc-js';
import type { Contract } from '@malla/proto/contract';
import { silenceGrpc } from './grpc-log.ts';
import { addHealth, type ReadinessCheck } from './health.ts';
import type { Identification } from './identity.ts';
import { type Implementation, serviceName, wrap } from './implementation.ts';
import type { Lifetime } from './lifetime.ts';
import { createCapacity } from './load-shedding.ts';
import { type Logger, withoutRedaction } from './logger.ts';
import { addReflection } from './reflection.ts';
import { type MeshTls, serverCredentials } from './tls.ts';
import { createMessageValidator } from './validation.ts';

const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const CONCURRENT_CALLS_MAX = 1_000;
/** Clients look names up again only after a disconnect: for so long a new replica may stay unseen. */
const CONNECTION_AGE_MS_MAX = 300_000;
const CONNECTION_AGE_GRACE_MS = 30_000;
const SHUTDOWN_INTERVAL_MS = 100;
/** What the calls that outlast the grace have for telling their clients UNAVAILABLE: they may try another replica. */
const LAST_ANSWERS_MS = 100;

/** What a server is made of. */
export interface GrpcServerOptions {
  readonly contract: Contract;
  readonly implementations: readonly Implementation[];
  readonly tls: MeshTls;
  readonly log: Logger;
  readonly identification: Identification;
  /** Runs each handler with what it needs of a call of its own, such as an EntityManager. Default: as it is. */
  readonly withinCall?: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** What the process cannot do without. Default: nothing. */
  readonly readiness?: ReadinessCheck;
  /** From the end of one readiness check to the next, in milliseconds. Default: 5 seconds. */
  readonly healthCheckIntervalMs?: number;
  /** How many calls may run at once before others are refused. Default: 1,000. */
  readonly concurrentCallsMax?: number;
  /** When a connection is closed so that clients look for new replicas, in milliseconds. Default: 5 minutes. */
  readonly connectionAgeMsMax?: number;
}

/** A gRPC server with health, reflection and mutual TLS. */
export interface GrpcServer {
  /** Listens, and then says SERVING once it is ready. @returns the port. @throws Error when the port is taken. */
  start(host: string, port: number): Promise<number>;
  /** Says NOT_SERVING, takes no new call, waits for those that run at most `graceMs`, then ends them with UNAVAILABLE. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Makes a server for some services of a contract.
 * @throws Error when an RPC has no policy or no handler.
 */
export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const { contract, implementations, tls, log } = options;
  silenceGrpc();
  const server = new Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_connection_age_ms': options.connectionAgeMsMax ?? CONNECTION_AGE_MS_MAX,
    'grpc.max_connection_age_grace_ms': CONNECTION_AGE_GRACE_MS,
  });
  const services = {
    log,
    callLog: withoutRedaction(log),
    identification: options.identification,
    validate: createMessageValidator(contract),
    withinCall: options.withinCall ?? ((work) => work()),
    running: new Set<Lifetime>(),
    capacity: createCapacity(options.concurrentCallsMax ?? CONCURRENT_CALLS_MAX),
  };
  for (const implementation of implementations) {
    const { definition, handlers } = wrap(implementation, contract, services);
    server.addService(definition, handlers);
  }
  const names = implementations.map(serviceName);
  addReflection(server, contract, names);
  const health = addHealth(
    server,
    names,
    options.readiness ?? (async () => undefined),
    log,
    options.healthCheckIntervalMs,
  );
  return {
    start: async (host, port) => {
      const bound = await promisify(server.bindAsync.bind(server))(
        host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
        serverCredentials(tls),
      );
      await health.start();
      return bound;
    },
    stop: async (graceMs) => {
      health.drain();
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      server.tryShutdown(() => end());
      // A connection whose handshake was under way hears that it should go only when it is told again.
      const again = setInterval(() => server.tryShutdown(() => undefined), SHUTDOWN_INTERVAL_MS);
      // A socket that never finishes its handshake holds tryShutdown for good.
      const lastCall = setTimeout(
        () => {
          for (const call of services.running) call.abort('stopping');
        },
        Math.max(0, graceMs - LAST_ANSWERS_MS),
      );
      const grace = setTimeout(end, Math.max(graceMs, LAST_ANSWERS_MS));
      await ended;
      clearInterval(again);
      clearTimeout(lastCall);
      clearTimeout(grace);
      server.forceShutdown();
    },
  };
}
