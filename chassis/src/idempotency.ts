import { createHash } from 'node:crypto';
import { IdempotencyKey } from '@malla/proto/malla/options/v1/policy.pb';
import type { CallContext } from './context.ts';
import { DomainError } from './errors.ts';
import type { UnaryHandler } from './unary.ts';

/** A key that was used, as a service keeps it. */
export interface IdempotencyRecord {
  /** What the key is known by: a SHA-256 of caller, method and key. */
  readonly id: Buffer;
  /** A SHA-256 of the request. */
  readonly requestHash: Buffer;
  /** The id of what the request makes. */
  readonly subject: string;
  /** The finished response, encoded; undefined while the request runs. */
  readonly response: Buffer | undefined;
  /** Until when the request is taken to run. A later one that has no response died, and may be resumed. */
  readonly leaseTime: Date;
}

/** Where keys are kept: with what they protect, in the service's database. */
export interface IdempotencyStore {
  /** Finds a record, without waiting for anybody. */
  find(id: Buffer): Promise<IdempotencyRecord | undefined>;
  /**
   * Adds a record, as part of a transaction. Waits for whoever is adding the same, and has it locked afterwards in any case.
   * @returns false when it was there.
   */
  add(record: IdempotencyRecord): Promise<boolean>;
  /** Gives a record that is locked a new lease. */
  renew(id: Buffer, leaseTime: Date): Promise<void>;
  /** Stores the response, as part of a transaction. */
  finish(id: Buffer, response: Buffer): Promise<void>;
}

/** What has an effect once, however often it is asked for. */
export interface Once<Response> {
  /**
   * Called first in the transaction that has the effect. Does not return when a request with the key has finished: the
   * stored response is the answer then.
   * @param subject a new id for what the request makes, such as that of a refund, at most 64 characters.
   * @returns the same when the request is new. Another when it died between `begin` and `finish`: what that names is there,
   *   and the request is to be resumed.
   * @throws DomainError `invalid` (IDEMPOTENCY_KEY_REUSED), `aborted` (IDEMPOTENCY_KEY_IN_USE).
   */
  begin(subject: string): Promise<string>;
  /** Called last in the transaction that ends the effect: the same one, or a later one. */
  finish(response: Response): Promise<void>;
}

/** Answers a request, and has its effect within `once`. */
export type IdempotentHandler<Request, Response> = (
  request: Request,
  call: CallContext,
  once: Once<Response>,
) => Promise<Response>;

/** How a method's messages are written, as in a ts-proto service definition. */
export interface MethodCodec<Request, Response> {
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseSerialize: (response: Response) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

export interface IdempotencyOptions {
  readonly store: IdempotencyStore;
  readonly clock: { now(): Date };
  /** How long a request may run before another with its key resumes it, in milliseconds. Default: one minute. */
  readonly leaseMs?: number;
}

const KEY = 'idempotency-key';
const REPLAYED = 'idempotent-replayed';
const KEY_FORMAT = /^[\x21-\x7e]{1,255}$/;
const LEASE_MS = 60_000;
const RETRY_AFTER_MS = 1_000;

/** The response of an earlier request, on its way out of a transaction that has nothing to do. */
class Replay extends Error {
  override readonly name = 'Replay';

  readonly response: Buffer;

  constructor(response: Buffer) {
    super('the request was answered before');
    this.response = response;
  }
}

/**
 * Makes a handler of a method with an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header, with Stripe's semantics).
 * Keys belong to their caller and method. A request that is refused leaves no key behind: its transaction is rolled back.
 * @throws DomainError `invalid` (IDEMPOTENCY_KEY_MISSING, IDEMPOTENCY_KEY_INVALID), and what `Once.begin` throws.
 */
export function idempotent<Request, Response>(
  method: MethodCodec<Request, Response>,
  options: IdempotencyOptions,
  handler: IdempotentHandler<Request, Response>,
): UnaryHandler<Request, Response> {
  /** The keys of requests that run in this process: others with the same hear so at once, and cost the database nothing. */
  const running = new Set<string>();
  return async (request, call) => {
    const key = keyOf(call);
    if (key === undefined) return handler(request, call, unprotected);
    const id = sha256(JSON.stringify([call.user?.userId ?? call.peer, call.rpc.path, key]));
    const requestHash = sha256(method.requestSerialize(request));
    const once: Once<Response> = {
      begin: (subject) => begin(id, requestHash, subject, options),
      finish: (response) => options.store.finish(id, method.responseSerialize(response)),
    };
    const name = id.toString('base64');
    if (running.has(name)) throw inUse();
    running.add(name);
    try {
      // Most that come again find the answer here, and cost next to nothing.
      const known = await options.store.find(id);
      if (known) check(known, requestHash, options.clock.now());
      return await handler(request, call, once);
    } catch (error) {
      if (!(error instanceof Replay)) throw error;
      call.announce(REPLAYED, 'true');
      return method.responseDeserialize(error.response);
    } finally {
      running.delete(name);
    }
  };
}

async function begin(
  id: Buffer,
  requestHash: Buffer,
  subject: string,
  { store, clock, leaseMs = LEASE_MS }: IdempotencyOptions,
): Promise<string> {
  const now = clock.now();
  const leaseTime = new Date(now.getTime() + leaseMs);
  if (await store.add({ id, requestHash, subject, response: undefined, leaseTime })) return subject;
  const known = await store.find(id);
  if (!known) throw inUse();
  check(known, requestHash, now);
  await store.renew(id, leaseTime);
  return known.subject;
}

/** Lets through a request that may be resumed. @throws Replay when it has finished, and DomainError. */
function check({ requestHash, response, leaseTime }: IdempotencyRecord, asked: Buffer, now: Date): void {
  if (!requestHash.equals(asked)) throw reused();
  if (response) throw new Replay(response);
  if (leaseTime > now) throw inUse();
}

const unprotected: Once<unknown> = { begin: async (subject) => subject, finish: async () => undefined };

function keyOf(call: CallContext): string | undefined {
  const key = call.metadata(KEY);
  if (key === undefined) {
    if (call.rpc.policy.idempotencyKey !== IdempotencyKey.REQUIRED) return undefined;
    throw new DomainError('invalid', 'IDEMPOTENCY_KEY_MISSING', 'This method needs an Idempotency-Key.');
  }
  if (KEY_FORMAT.test(key)) return key;
  throw new DomainError('invalid', 'IDEMPOTENCY_KEY_INVALID', 'An Idempotency-Key is 1 to 255 printable characters.');
}

function reused(): DomainError {
  return new DomainError('invalid', 'IDEMPOTENCY_KEY_REUSED', 'The Idempotency-Key was used for another request.');
}

function inUse(): DomainError {
  const message = 'A request with this Idempotency-Key is still running.';
  return new DomainError('aborted', 'IDEMPOTENCY_KEY_IN_USE', message, { retryAfterMs: RETRY_AFTER_MS });
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
