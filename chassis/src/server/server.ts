import { promisify } from 'node:util';
import { Server } from '@grpc/grpc-js';
import type { Contract } from '@malla/proto/contract';
import { silenceGrpc } from '../client/grpc-log.ts';
import type { Identification } from '../identity/identity.ts';
import { type MeshTls, serverCredentials } from '../identity/tls.ts';
import { countCalls } from '../observe/call-metrics.ts';
import { type Logger, withoutRedaction } from '../observe/logger.ts';
import type { Metrics } from '../observe/metrics.ts';
import { createMessageValidator } from '../validation/validation.ts';
import { type CallLimits, createAdmission, longCallLimits } from './admission.ts';
import type { CallServices } from './call.ts';
import { addHealth, type ReadinessCheck } from './health.ts';
import { type Implementation, serviceName, wrap } from './implementation.ts';
import { createPace } from './pace.ts';
import { addReflection } from './reflection.ts';
import { shutDown } from './shutdown.ts';

const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const CONCURRENT_CALLS_MAX = 2_000;
const STREAM_MESSAGES_PER_SECOND = 500;
const LONG_CALLS = longCallLimits(600, 100, 20);
const STREAM_IDLE_MS = 60_000;
/** Clients look names up again only after a disconnect: for so long a new replica may stay unseen. */
const CONNECTION_AGE_MS_MAX = 300_000;
/** As long as the longest deadline of a policy, with room: a stream is not cut before its own deadline. */
const CONNECTION_AGE_GRACE_MS = 610_000;

/** What a server is made of. */
export interface GrpcServerOptions {
  readonly contract: Contract;
  readonly implementations: readonly Implementation[];
  readonly tls: MeshTls;
  readonly log: Logger;
  readonly identification: Identification;
  /** Runs each handler with what it needs of a call of its own, such as an EntityManager. Default: as it is. */
  readonly withinCall?: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /**
   * Rejects while the process may take no call at all, before it is looked at who calls: a machine whose clock is wrong takes
   * every token for expired. Default: never.
   */
  readonly fitness?: () => Promise<void>;
  /** What the process cannot do without. Default: nothing. */
  readonly readiness?: ReadinessCheck;
  /** Where its calls are counted. Default: nowhere. */
  readonly metrics?: Metrics | undefined;
  /** From the end of one readiness check to the next, in milliseconds. Default: 5 seconds. */
  readonly healthCheckIntervalMs?: number;
  /** How many unary calls may run at once before others are refused. Default: 2,000. */
  readonly concurrentCallsMax?: number;
  /** How many streams may be open. Default: 600, 100 of one client address, 20 of one user. */
  readonly longCalls?: CallLimits;
  /** How many messages all streams of one client address are sent in a second. Calls of the mesh have no such bound. Default: 2,000. */
  readonly streamMessagesPerSecond?: number;
  /** How long a stream may stand still, its client neither sending nor reading, in milliseconds. Default: a minute. */
  readonly streamIdleMs?: number;
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
  const services = callServices(options);
  for (const implementation of implementations) {
    const { definition, handlers } = wrap(implementation, contract, services);
    server.addService(definition, handlers);
  }
  const names = implementations.map(serviceName);
  const ready = options.readiness ?? (async () => undefined);
  const health = addHealth(server, names, ready, log, options.healthCheckIntervalMs);
  addReflection(server, contract, names);
  const bind = promisify(server.bindAsync.bind(server));
  return {
    start: async (host, port) => {
      const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
      const metricsPort = await options.metrics?.listen();
      if (metricsPort !== undefined) log.info({ port: metricsPort }, 'metrics can be read');
      const bound = await bind(address, serverCredentials(tls)).catch(async (error: unknown) => {
        await options.metrics?.close();
        throw error;
      });
      await health.start();
      return bound;
    },
    stop: (graceMs) => {
      health.drain();
      return shutDown(server, services.running, graceMs).finally(() => options.metrics?.close());
    },
  };
}

function callServices(options: GrpcServerOptions): CallServices {
  return {
    log: options.log,
    callLog: withoutRedaction(options.log),
    identification: options.identification,
    validate: createMessageValidator(options.contract),
    fitness: options.fitness ?? (async () => undefined),
    withinCall: options.withinCall ?? ((work) => work()),
    running: new Set(),
    metrics: options.metrics && countCalls(options.metrics),
    admission: createAdmission(options.concurrentCallsMax ?? CONCURRENT_CALLS_MAX, options.longCalls ?? LONG_CALLS),
    streamPace: createPace(options.streamMessagesPerSecond ?? STREAM_MESSAGES_PER_SECOND),
    streamIdleMs: options.streamIdleMs ?? STREAM_IDLE_MS,
  };
}
