import { Metadata } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';
import { METADATA, printable } from '../lib/metadata.ts';
import { currentCall } from '../server/context.ts';

/** What a single call may say for itself. Everything else follows from the contract and the call that runs now. */
export interface CallOptions {
  /** When to give up, in milliseconds; only ever sooner than the contract's deadline. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly metadata?: Metadata;
}

/** What goes out with a call, and what may end it. */
export interface OutgoingCall {
  readonly metadata: Metadata;
  /** The soonest of the contract's deadline, the caller's wish and the deadline of the call that runs now, in ms of the epoch. */
  readonly deadline: number;
  /** Whichever aborts first cancels the call. */
  readonly signals: readonly AbortSignal[];
}

const NONE: readonly AbortSignal[] = [];

/** Puts together what the contract, the caller and the call that runs now say of a call to be made. */
export function outgoing(rpc: RpcContract, { timeoutMs, signal, metadata: given }: CallOptions): OutgoingCall {
  const own = Date.now() + Math.min(rpc.deadlineMs, timeoutMs ?? Number.POSITIVE_INFINITY);
  const parent = currentCall();
  // What is not added to need not be copied.
  if (!parent) return { metadata: given ?? new Metadata(), deadline: own, signals: signal ? [signal] : NONE };
  const metadata = given?.clone() ?? new Metadata();
  metadata.set(METADATA.requestId, parent.requestId);
  metadata.set(METADATA.traceparent, parent.traceparent);
  metadata.set(METADATA.originAddress, printable(parent.origin.address));
  metadata.set(METADATA.originUserAgent, printable(parent.origin.userAgent));
  if (parent.user) metadata.set(METADATA.authorization, `Bearer ${parent.user.token}`);
  return {
    metadata,
    deadline: Math.min(own, parent.deadline.getTime()),
    signals: signal ? [signal, parent.signal] : [parent.signal],
  };
}

/** Cancels a call as soon as one of the signals aborts. */
export function cancelBy(signals: readonly AbortSignal[], cancel: () => void): void {
  for (const signal of signals) signal.addEventListener('abort', cancel, { once: true });
  if (signals.some((signal) => signal.aborted)) cancel();
}

/** A serializer for requests that are bytes already. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A deserializer that leaves answers as they are. */
export function asIs(bytes: Buffer): Buffer {
  return bytes;
}
