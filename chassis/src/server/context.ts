import { AsyncLocalStorage } from 'node:async_hooks';
import type { RpcContract } from '@malla/proto/contract';
import type { Logger } from '../observe/logger.ts';

/** A user, proven by an access token. */
export interface UserIdentity {
  /** The `iss` of the token. */
  readonly issuer: string;
  /** The `sub` of the token. */
  readonly subject: string;
  /** The user's id in Malla: the subject itself, or what an external subject was linked to. */
  readonly userId: string;
  /** The `sid` of the token: the session that it came from; external issuers give none. */
  readonly sessionId: string | undefined;
  /** What the token allows: its `scope` and `permissions` together. */
  readonly permissions: ReadonlySet<string>;
  /** The token itself, to be passed on. Never logged. */
  readonly token: string;
  /** Every claim of the token, verified. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Where a request entered the mesh. */
export interface Origin {
  readonly address: string;
  readonly userAgent: string;
}

/** What is known of the call that runs now. */
export interface CallContext {
  readonly rpc: RpcContract;
  /** The user on whose behalf the call is made. */
  readonly user: UserIdentity | undefined;
  /** The service that calls, by its certificate; absent for a developer's tools. */
  readonly peer: string | undefined;
  readonly origin: Origin;
  readonly requestId: string;
  /** The trace that the call belongs to (W3C Trace Context). */
  readonly traceparent: string;
  /** When the answer is no longer wanted. */
  readonly deadline: Date;
  /** Aborts when the client cancels, the deadline passes, or the server can wait no longer to stop. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** A text that came with the call, by its key in the metadata. Nothing proves who wrote it. */
  metadata(key: string): string | undefined;
  /** Sends metadata ahead of the answer. At most once for a call. */
  announce(key: string, value: string): void;
}

const storage = new AsyncLocalStorage<CallContext | undefined>();

/** The call that runs now; undefined outside of one, as in a worker. */
export function currentCall(): CallContext | undefined {
  return storage.getStore();
}

/** Runs `work` as part of a call: calls that it makes in turn inherit deadline, cancellation, identity and trace. */
export function runInCall<Result>(context: CallContext, work: () => Result): Result {
  return storage.run(context, work);
}

/** Runs `work` as part of no call, for what others wait for too: it must not end when the call does that happened to ask. */
export function runOutsideCalls<Result>(work: () => Result): Result {
  return storage.run(undefined, work);
}

/**
 * The user of a call whose policy is ACCESS_USER.
 * @throws Error when the policy let somebody else in: a mistake in the contract.
 */
export function userOf(context: CallContext): UserIdentity {
  if (!context.user) throw new Error(`${context.rpc.path} has no user: its policy must be ACCESS_USER`);
  return context.user;
}
