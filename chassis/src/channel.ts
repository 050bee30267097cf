import { Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { Contract, RpcContract } from '@malla/proto/contract';
import { type CallContext, currentCall } from './context.ts';
import { METADATA } from './metadata.ts';
import { channelCredentials, type MeshTls } from './tls.ts';

/** How to reach a service of the mesh. */
export interface ChannelOptions {
  readonly contract: Contract;
  /** The service's name in its certificate: `svc-users`. Whoever answers must prove to be it. */
  readonly service: string;
  /** Where it is, as a gRPC target: `dns:///svc-users:50051`. All addresses behind it are used in turn. */
  readonly target: string;
  /** The caller's own identity. */
  readonly tls: MeshTls;
}

/** What a single call may say for itself. Everything else follows from the contract and the call that runs now. */
export interface CallOptions {
  /** When to give up, in milliseconds; only ever sooner than the contract's deadline. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly metadata?: Metadata;
}

/** An answer in bytes, with the metadata it came with. */
export interface RawAnswer {
  readonly bytes: Buffer;
  readonly metadata: Metadata;
}

const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const RECONNECT_BACKOFF_MS = { min: 100, max: 3_000 };
const KEEPALIVE_MS = 30_000;

/**
 * Opens a channel to a service: mutual TLS, round robin over its replicas, and retries of UNAVAILABLE for the RPCs that the
 * contract says may be sent again, within a budget (gRFC A6).
 */
export function openChannel({ contract, service, target, tls }: ChannelOptions): Client {
  return new Client(target, channelCredentials(tls), {
    'grpc.ssl_target_name_override': service,
    'grpc.default_authority': service,
    'grpc.service_config': JSON.stringify(serviceConfig(contract)),
    'grpc.service_config_disable_resolution': 1,
    'grpc.initial_reconnect_backoff_ms': RECONNECT_BACKOFF_MS.min,
    'grpc.max_reconnect_backoff_ms': RECONNECT_BACKOFF_MS.max,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
  });
}

function serviceConfig(contract: Contract) {
  const retrySafe = [...contract.rpcs.values()].filter((rpc) => rpc.retrySafe);
  return {
    loadBalancingConfig: [{ round_robin: {} }],
    methodConfig: [
      {
        name: retrySafe.map((rpc) => ({ service: rpc.service, method: rpc.method.name })),
        retryPolicy: {
          maxAttempts: 3,
          initialBackoff: '0.05s',
          maxBackoff: '0.5s',
          backoffMultiplier: 2,
          retryableStatusCodes: ['UNAVAILABLE'],
        },
      },
    ],
    retryThrottling: { maxTokens: 100, tokenRatio: 0.1 },
  };
}

/**
 * Makes one unary call with bytes in and bytes out. Inside a call of our own it inherits that call's deadline, cancellation,
 * user, request id and trace.
 * @throws ServiceError of grpc-js; `readStatus` tells what it says.
 */
export function callUnary(
  channel: Client,
  rpc: RpcContract,
  bytes: Uint8Array,
  options: CallOptions = {},
): Promise<RawAnswer> {
  const parent = currentCall();
  const signals = [options.signal, parent?.signal].filter((signal) => signal !== undefined);
  const deadline = deadlineOf(rpc, options.timeoutMs, parent);
  return new Promise((resolve, reject) => {
    if (signals.some((signal) => signal.aborted)) return reject(cancelled());
    const answered = (error: ServiceError | null, answer?: Buffer) => {
      for (const signal of signals) signal.removeEventListener('abort', cancel);
      if (error) reject(error);
      else resolve({ bytes: answer ?? Buffer.alloc(0), metadata });
    };
    let metadata = new Metadata();
    const call = channel.makeUnaryRequest(
      rpc.path,
      asBuffer,
      asIs,
      bytes,
      outgoing(options.metadata, parent),
      { deadline },
      answered,
    );
    const cancel = () => call.cancel();
    call.on('metadata', (received: Metadata) => {
      metadata = received;
    });
    for (const signal of signals) signal.addEventListener('abort', cancel, { once: true });
  });
}

/** When a call has to be answered: the soonest of the contract's deadline, the caller's wish and the parent's deadline. */
export function deadlineOf(rpc: RpcContract, timeoutMs: number | undefined, parent: CallContext | undefined): number {
  const own = Date.now() + Math.min(rpc.deadlineMs, timeoutMs ?? Number.POSITIVE_INFINITY);
  return Math.min(own, parent ? Number(parent.deadline) : Number.POSITIVE_INFINITY);
}

function outgoing(given: Metadata | undefined, parent: CallContext | undefined): Metadata {
  const metadata = given ?? new Metadata();
  if (!parent) return metadata;
  metadata.set(METADATA.requestId, parent.requestId);
  metadata.set(METADATA.traceparent, parent.traceparent);
  metadata.set(METADATA.originAddress, parent.origin.address);
  metadata.set(METADATA.originUserAgent, parent.origin.userAgent);
  if (parent.user) metadata.set(METADATA.authorization, `Bearer ${parent.user.token}`);
  return metadata;
}

function cancelled(): ServiceError {
  const details = 'The call that this one belongs to was cancelled.';
  return Object.assign(new Error(details), { code: status.CANCELLED, details, metadata: new Metadata() });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
