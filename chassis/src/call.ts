import { randomBytes, randomUUID } from 'node:crypto';
import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';
import type { CallContext, UserIdentity } from './context.ts';
import { DomainError } from './errors.ts';
import { admit, type Identification } from './identity.ts';
import type { Capacity } from './load-shedding.ts';
import type { Logger } from './logger.ts';
import { METADATA } from './metadata.ts';
import { serviceOf } from './tls.ts';
import type { ValidateMessage } from './validation.ts';

/** What every call of a server shares. */
export interface CallServices {
  readonly log: Logger;
  readonly identification: Identification;
  readonly validate: ValidateMessage;
  readonly capacity: Capacity;
  /** Runs a handler with what it needs of a call of its own, such as an EntityManager. */
  readonly withinCall: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** What grpc-js gives of a call, unary or streaming. */
export interface ServerCall {
  readonly metadata: Metadata;
  getDeadline(): Date | number;
  getPeer(): string;
  getAuthContext: ServerUnaryCall<unknown, unknown>['getAuthContext'];
  on(event: 'cancelled', listener: () => void): unknown;
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The lifetime of a call: what aborts it, and when. */
export interface Lifetime {
  readonly deadline: Date;
  readonly signal: AbortSignal;
  /** Lets go of the timer. */
  end(): void;
}

/** Why a call's signal aborted. */
export type AbortReason = 'cancelled' | 'deadline';

/** Starts the clock of a call: its own deadline, or its policy's when that is sooner. */
export function startLifetime(call: ServerCall, rpc: RpcContract): Lifetime {
  const controller = new AbortController();
  const deadlineMs = Math.min(Number(call.getDeadline()), Date.now() + rpc.deadlineMs);
  const timer = setTimeout(
    () => controller.abort('deadline' satisfies AbortReason),
    Math.max(0, deadlineMs - Date.now()),
  );
  call.on('cancelled', () => controller.abort('cancelled' satisfies AbortReason));
  return { deadline: new Date(deadlineMs), signal: controller.signal, end: () => clearTimeout(timer) };
}

/**
 * Does all that comes before a handler: identifies the caller, checks the policy, validates the message.
 * @throws DomainError when the call may not go on.
 */
export async function openCall(
  call: ServerCall,
  rpc: RpcContract,
  requestBytes: Uint8Array,
  lifetime: Lifetime,
  services: CallServices,
): Promise<CallContext> {
  const peer = serviceOf(call.getAuthContext()?.sslPeerCertificate?.subjectaltname);
  const user = await admit(rpc, text(call.metadata, METADATA.authorization), peer, services.identification);
  services.validate(rpc.method.input, requestBytes);
  return describe(call, rpc, lifetime, services.log, user, peer);
}

function describe(
  call: ServerCall,
  rpc: RpcContract,
  { deadline, signal }: Lifetime,
  log: Logger,
  user: UserIdentity | undefined,
  peer: string | undefined,
): CallContext {
  const requestId = requestIdOf(call.metadata);
  return {
    rpc,
    user,
    peer,
    requestId,
    traceparent: traceparentOf(call.metadata),
    origin: originOf(call, peer),
    deadline,
    signal,
    log: log.child({ requestId, rpc: rpc.path }),
  };
}

/** The request id that came along, or a new one. */
export function requestIdOf(metadata: Metadata): string {
  const given = text(metadata, METADATA.requestId);
  return given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
}

function traceparentOf(metadata: Metadata): string {
  const given = text(metadata, METADATA.traceparent);
  if (given !== undefined && TRACEPARENT.test(given)) return given;
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}

/** A developer's tool is its own origin; a service speaks for the client at the edge. */
function originOf(call: ServerCall, peer: string | undefined): CallContext['origin'] {
  const address = call.getPeer().replace(/:\d+$/, '');
  if (peer === undefined) return { address, userAgent: text(call.metadata, 'user-agent') ?? '' };
  return {
    address: text(call.metadata, METADATA.originAddress) ?? address,
    userAgent: text(call.metadata, METADATA.originUserAgent) ?? '',
  };
}

function text(metadata: Metadata, key: string): string | undefined {
  const [value] = metadata.get(key);
  return typeof value === 'string' ? value : undefined;
}

/** Decodes a request, which the validator has found to be one. */
export function decodeRequest<Request>(deserialize: (bytes: Buffer) => Request, bytes: Buffer): Request {
  try {
    return deserialize(bytes);
  } catch {
    throw new DomainError('invalid', 'MESSAGE_MALFORMED', 'The bytes are not the message of this method.');
  }
}
