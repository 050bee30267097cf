import { Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { Contract, RpcContract } from '@malla/proto/contract';
import { channelCredentials, type MeshTls } from '../identity/tls.ts';
import { isServiceError } from '../lib/status.ts';
import { silenceGrpc } from './grpc-log.ts';
import { asBuffer, asIs, type CallOptions, cancelBy, type OutgoingCall, outgoing } from './outgoing.ts';
import { serviceConfig } from './service-config.ts';

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

/** What a single unary call may say for itself. */
export interface UnaryOptions extends CallOptions {
  /**
   * Is told how to cancel the call, and told anew when it is sent once more: for callers who make so many calls that an
   * AbortSignal for each costs too much.
   */
  readonly onStart?: (cancel: () => void) => void;
}

const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
/**
 * How much of answers may be on its way before somebody reads it. With the 64 KiB of HTTP/2 itself a few lists at a time wait for each
 * other; a stream whose reader is slow holds this much at the most.
 */
const WINDOW_BYTES = 256 * 1024;
/** A replica that is back is found within a second: what waits for it is somebody's request. */
const RECONNECT_BACKOFF_MS = { min: 100, max: 1_000 };
/** A replica that hangs while calls wait for it is given up after both together. */
const KEEPALIVE_MS = { interval: 10_000, timeout: 5_000 };
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
    'grpc-node.flow_control_window': WINDOW_BYTES,
    'grpc.keepalive_time_ms': KEEPALIVE_MS.interval,
    'grpc.keepalive_timeout_ms': KEEPALIVE_MS.timeout,
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
  });
}

/**
 * Makes one unary call with bytes in and bytes out. Inside a call of our own it inherits that call's deadline, cancellation,
 * user, request id and trace. A retry-safe call whose connection is lost after its answer has begun is sent once more: to
 * grpc-js it is past retrying then.
 * @throws ServiceError of grpc-js; `readStatus` tells what it says.
 */
export async function callUnary(
  channel: Client,
  rpc: RpcContract,
  bytes: Uint8Array,
  options: UnaryOptions = {},
): Promise<RawAnswer> {
  const call: UnaryCall = { ...outgoing(rpc, options), onStart: options.onStart };
  let begun = false;
  try {
    return await sendUnary(channel, rpc, bytes, call, () => {
      begun = true;
    });
  } catch (error) {
    if (!(begun && rpc.retrySafe && isServiceError(error) && error.code === status.UNAVAILABLE)) throw error;
  }
  return sendUnary(channel, rpc, bytes, call);
}

interface UnaryCall extends OutgoingCall {
  readonly onStart: UnaryOptions['onStart'];
}

function sendUnary(
  channel: Client,
  rpc: RpcContract,
  bytes: Uint8Array,
  { metadata: sent, deadline, signals, onStart }: UnaryCall,
  begin?: () => void,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let metadata: Metadata | undefined;
    const answered = (error: ServiceError | null, answer?: Buffer) => {
      for (const signal of signals) signal.removeEventListener('abort', cancel);
      if (error) reject(error);
      else resolve({ bytes: answer ?? Buffer.alloc(0), metadata: metadata ?? new Metadata() });
    };
    const call = channel.makeUnaryRequest(rpc.path, asBuffer, asIs, bytes, sent, { deadline }, answered);
    const cancel = () => call.cancel();
    call.on('metadata', (received: Metadata) => {
      metadata = received;
      begin?.();
    });
    cancelBy(signals, cancel);
    onStart?.(cancel);
  });
}
