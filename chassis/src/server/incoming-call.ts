import { randomBytes, randomUUID } from 'node:crypto';
import { Metadata } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';
import { type CertifiedCall, peerOf } from '../client/peer.ts';
import { isRequestId, METADATA, printable, textOf } from '../lib/metadata.ts';
import type { Logger } from '../observe/logger.ts';
import { clientAddress } from './client-address.ts';
import type { CallContext, Origin, UserIdentity } from './context.ts';
import type { Lifetime, MortalCall } from './lifetime.ts';

/** What grpc-js gives of a call, unary or streaming. */
export interface ServerCall extends MortalCall, CertifiedCall {
  readonly metadata: Metadata;
  sendMetadata(metadata: Metadata): void;
}

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A call as it came in. What few handlers ask for is made when they ask. */
export class IncomingCall implements CallContext {
  readonly rpc: RpcContract;
  readonly peer: string | undefined;
  readonly origin: Origin;
  readonly requestId: string;
  /** Set once the caller has been identified. */
  user: UserIdentity | undefined;

  readonly #call: ServerCall;
  readonly #lifetime: Lifetime;
  readonly #serverLog: Logger;
  #traceparent: string | undefined;
  #log: Logger | undefined;

  constructor(call: ServerCall, rpc: RpcContract, lifetime: Lifetime, serverLog: Logger) {
    const { service, address } = peerOf(call);
    this.rpc = rpc;
    this.peer = service;
    this.origin = originOf(call.metadata, service, address);
    this.requestId = requestIdOf(call.metadata);
    this.#call = call;
    this.#lifetime = lifetime;
    this.#serverLog = serverLog;
  }

  get deadline(): Date {
    return new Date(this.#lifetime.deadlineMs);
  }

  get signal(): AbortSignal {
    return this.#lifetime.signal;
  }

  /** Whether nobody waits for the answer any more. */
  get over(): boolean {
    return this.#lifetime.over;
  }

  get authorization(): string | undefined {
    return textOf(this.#call.metadata, METADATA.authorization);
  }

  metadata(key: string): string | undefined {
    return textOf(this.#call.metadata, key);
  }

  announce(key: string, value: string): void {
    const metadata = new Metadata();
    metadata.set(key, value);
    this.#call.sendMetadata(metadata);
  }

  get traceparent(): string {
    this.#traceparent ??= traceparentOf(this.#call.metadata);
    return this.#traceparent;
  }

  get log(): Logger {
    this.#log ??= this.#serverLog.child({ requestId: this.requestId, rpc: this.rpc.path });
    return this.#log;
  }
}

function requestIdOf(metadata: Metadata): string {
  const given = textOf(metadata, METADATA.requestId);
  return given !== undefined && isRequestId(given) ? given : randomUUID();
}

function traceparentOf(metadata: Metadata): string {
  const given = textOf(metadata, METADATA.traceparent);
  if (given !== undefined && TRACEPARENT.test(given)) return given;
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}

/**
 * A developer's tool is its own origin; a service speaks for the client at the edge. Addresses have the form of `clientAddress`,
 * also those of a service that passes on what it was sent.
 */
function originOf(metadata: Metadata, service: string | undefined, peerAddress: string): Origin {
  const told = (key: string) => printable(textOf(metadata, key) ?? '');
  const address = clientAddress(peerAddress) ?? peerAddress;
  if (service === undefined) return { address, userAgent: told('user-agent') };
  return { address: clientAddress(told(METADATA.originAddress)) ?? address, userAgent: told(METADATA.originUserAgent) };
}
