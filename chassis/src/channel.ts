import { Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Contract, RpcContract } from '@malla/proto/contract';
import { silenceGrpc } from './grpc-log.ts';
import { type CallOptions, type OutgoingCall, outgoing } from './outgoing.ts';
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

/** An answer in bytes, with the metadata it came with. */
export interface RawAnswer {
  readonly bytes: Buffer;
  readonly metadata: Metadata;
}

export type { CallOptions };

const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const RECONNECT_BACKOFF_MS = { min: 100, max: 3_000 };
const KEEPALIVE_MS = 30_000;
/** grpc-js waits half a minute by default: long enough for every address it knows to be gone in a rolling update. */
const RESOLUTION_INTERVAL_MS = 1_000;

/**
 * Opens a channel to a service: mutual TLS, round robin over its replicas, and retries of UNAVAILABLE for the RPCs that the
 * contract says may be sent again, within a budget (gRFC A6).
 */
export function openChannel({ contract, service, target, tls }: ChannelOptions): Client {
  silenceGrpc();
  return new Client(target, channelCredentials(tls), {
    'grpc.ssl_target_name_override': service,
    'grpc.default_authority': service,
    'grpc.service_config': JSON.stringify(serviceConfig(contract)),
    'grpc.service_config_disable_resolution': 1,
    'grpc.initial_reconnect_backoff_ms': RECONNECT_BACKOFF_MS.min,
    'grpc.max_reconnect_backoff_ms': RECONNECT_BACKOFF_MS.max,
    'grpc.dns_min_time_between_resolutions_ms': RESOLUTION_INTERVAL_MS,
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
  const { metadata: sent, deadline, signals } = outgoing(rpc, options);
  return new Promise((resolve, reject) => {
    let metadata = new Metadata();
    const answered = (error: ServiceError | null, answer?: Buffer) => {
      for (const signal of signals) signal.removeEventListener('abort', cancel);
      if (error) reject(error);
      else resolve({ bytes: answer ?? Buffer.alloc(0), metadata });
    };
    const call = channel.makeUnaryRequest(rpc.path, asBuffer, asIs, bytes, sent, { deadline }, answered);
    const cancel = () => call.cancel();
    call.on('metadata', (received: Metadata) => {
      metadata = received;
    });
    cancelBy(signals, cancel);
  });
}

/**
 * Makes one server-streaming call with bytes in and bytes out, as soon as the first message is asked for. The server sends no
 * faster than messages are asked for; `return`, as at the end of a loop, cancels the call, also while a message is awaited.
 * Inside a call of our own it inherits as `callUnary` does.
 * @throws ServiceError of grpc-js, from `next`.
 */
export function callServerStream(
  channel: Client,
  rpc: RpcContract,
  bytes: Uint8Array,
  options: CallOptions = {},
): AsyncIterableIterator<Buffer, undefined> {
  const left = new AbortController();
  const messages = receive(channel, rpc, bytes, outgoing(rpc, options), left.signal);
  return {
    next: () => messages.next(),
    return: () => {
      left.abort();
      return messages.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* receive(
  channel: Client,
  rpc: RpcContract,
  bytes: Uint8Array,
  { metadata, deadline, signals }: OutgoingCall,
  left: AbortSignal,
): AsyncGenerator<Buffer, undefined, undefined> {
  const call = channel.makeServerStreamRequest(rpc.path, asBuffer, asIs, bytes, metadata, { deadline });
  const cancel = () => call.cancel();
  call.on('error', () => undefined); // Whoever iterates hears of it; whoever has left need not.
  cancelBy([...signals, left], cancel);
  try {
    yield* call as AsyncIterable<Buffer>;
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', cancel);
    cancel();
  }
  return undefined;
}

function cancelBy(signals: readonly AbortSignal[], cancel: () => void): void {
  for (const signal of signals) signal.addEventListener('abort', cancel, { once: true });
  if (signals.some((signal) => signal.aborted)) cancel();
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
