import { createHash, randomBytes } from 'node:crypto';
import { IdempotencyKey } from '@malla/proto/malla/options/v1/policy.pb';
import { DomainError } from '../lib/errors.ts';
import { isLockConflict } from '../mysql/mysql-contention.ts';
import type { CallContext } from '../server/context.ts';
import type { UnaryHandler } from '../server/unary.ts';

/** A key that was used, as a service keeps it. */
export interface IdempotencyRecord {
  /** What the key is known by: a SHA-256 of caller, method and key. */
  readonly id: Buffer;
  /** A SHA-256 of the request. */
  readonly requestHash: Buffer;
  /** Whose it is: every request that claims a key has an id of its own, of 16 bytes. */
  readonly claimId: Buffer;
  /** The id of what the request makes; empty until it has begun to. */
  readonly subject: string;
  /** The finished response, encoded; undefined while the request runs. */
  readonly response: Buffer | undefined;
  /** Until when the request is taken to run. A later one that has no response died, and may be resumed. */
  readonly leaseTime: Date;
}

/** Where keys are kept: with what they protect, in the service's database. */
export interface IdempotencyStore {
  /** Finds a record, without waiting for anybody. @throws the database's error for one that is being added just now. */
  find(id: Buffer): Promise<IdempotencyRecord | undefined>;
  /** Adds a record, at once and not as part of a transaction. @returns false when it was there. */
  add(record: IdempotencyRecord): Promise<boolean>;
  /**
   * Gives a record to another claim, unless somebody was faster, has it locked, or its request has finished.
   * @returns whether it did.
   */
  takeOver(record: IdempotencyRecord, claimId: Buffer, leaseTime: Date): Promise<boolean>;
  /**
   * As part of a transaction: locks a record, and notes the subject unless there is one.
   * @returns the subject; undefined when the record is not this claim's any more.
   */
  begin(id: Buffer, claimId: Buffer, subject: string): Promise<string | undefined>;
  /** Stores the response, as part of a transaction. @returns false when the record is not this claim's any more. */
  finish(id: Buffer, response: Buffer, claimId: Buffer): Promise<boolean>;
  /** Forgets a record of this claim, unless something was begun. */
  release(id: Buffer, claimId: Buffer): Promise<void>;
}

/** What has an effect once, however often it is asked for. */
export interface Once<Response> {
  /**
   * Called first in the transaction that has the effect.
   * @param subject a new id for what the request makes, such as that of a refund, at most 64 characters.
   * @returns the same when the request is new. Another when it died between `begin` and `finish`: what that names is there,
   *   and the request is to be resumed.
   * @throws DomainError `aborted` (IDEMPOTENCY_KEY_IN_USE) when the request took so long that another has its key now.
   */
  begin(subject: string): Promise<string>;
  /**
   * Called last in the transaction that ends the effect: the same one, or a later one.
   * @throws DomainError `aborted` (IDEMPOTENCY_KEY_IN_USE) when the request stalled and another has its key now: the effect
   *   is the other's to have, and this transaction is to be rolled back.
   */
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
/** What clients know the key as: the name of its header. */
const FIELD = 'Idempotency-Key';
const REPLAYED = 'idempotent-replayed';
const KEY_FORMAT = /^[\x21-\x7e]{1,255}$/;
const LEASE_MS = 60_000;
const RETRY_AFTER_MS = 1_000;

/**
 * Makes a handler of a method with an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header, with Stripe's semantics).
 * Keys belong to their caller and method, and are claimed before anything else is done: whoever comes while a request runs is
 * told so, on every replica. A request that is refused gives its key back.
 * @throws DomainError `invalid` (IDEMPOTENCY_KEY_MISSING, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED), `aborted`
 *   (IDEMPOTENCY_KEY_IN_USE).
 */
export function idempotent<Request, Response>(
  method: MethodCodec<Request, Response>,
  options: IdempotencyOptions,
  handler: IdempotentHandler<Request, Response>,
): UnaryHandler<Request, Response> {
  const { store } = options;
  /** The keys of requests that run in this process: others with the same hear so at once, and cost the database nothing. */
  const running = new Set<string>();
  return async (request, call) => {
    const key = keyOf(call);
    if (key === undefined) return handler(request, call, unprotected);
    const id = sha256(JSON.stringify([call.user?.userId ?? call.peer, call.rpc.path, key]));
    const name = id.toString('base64');
    if (running.has(name)) throw inUse();
    running.add(name);
    try {
      const claimed = await claim(id, sha256(method.requestSerialize(request)), options).catch(lockedIsInUse);
      if ('claimId' in claimed) return await work(claimed.claimId);
      call.announce(REPLAYED, 'true');
      return method.responseDeserialize(claimed.response);
    } finally {
      running.delete(name);
    }

    async function work(claimId: Buffer): Promise<Response> {
      const once: Once<Response> = {
        begin: async (subject) => {
          const begun = await store.begin(id, claimId, subject);
          if (begun === undefined) throw inUse();
          return begun;
        },
        finish: async (response) => {
          const isOurs = await store.finish(id, method.responseSerialize(response), claimId);
          if (isOurs === false) throw inUse();
        },
      };
      try {
        return await handler(request, call, once);
      } catch (error) {
        // Where this fails too, the lease ends the claim.
        await store.release(id, claimId).catch(() => undefined);
        throw error;
      }
    }
  };
}

/** @returns the id of the claim, or the response of the request that has finished. @throws DomainError. */
async function claim(
  id: Buffer,
  requestHash: Buffer,
  { store, clock, leaseMs = LEASE_MS }: IdempotencyOptions,
): Promise<{ claimId: Buffer } | { response: Buffer }> {
  const now = clock.now();
  const claimId = randomBytes(16);
  const leaseTime = new Date(now.getTime() + leaseMs);
  // Most that come again find the answer here, and cost next to nothing.
  const before = await store.find(id);
  const record = { id, requestHash, claimId, subject: '', response: undefined, leaseTime };
  if (!before && (await store.add(record))) return { claimId };
  const known = before ?? (await store.find(id));
  if (!known) throw inUse();
  if (!known.requestHash.equals(requestHash)) throw reused();
  if (known.response) return { response: known.response };
  // One that has no answer and whose lease is over died, and is resumed.
  if (known.leaseTime > now || !(await store.takeOver(known, claimId, leaseTime))) throw inUse();
  return { claimId };
}

/** Whoever has a record locked is a request with its key. */
function lockedIsInUse(error: unknown): never {
  throw isLockConflict(error) ? inUse() : error;
}

const unprotected: Once<unknown> = { begin: async (subject) => subject, finish: async () => undefined };

function keyOf(call: CallContext): string | undefined {
  const key = call.metadata(KEY);
  if (key === undefined) {
    if (call.rpc.policy.idempotencyKey !== IdempotencyKey.REQUIRED) return undefined;
    throw refused('IDEMPOTENCY_KEY_MISSING', 'This method needs an Idempotency-Key.', 'is required');
  }
  if (KEY_FORMAT.test(key)) return key;
  const message = 'An Idempotency-Key is 1 to 255 printable characters.';
  throw refused('IDEMPOTENCY_KEY_INVALID', message, 'must be 1 to 255 printable characters');
}

function reused(): DomainError {
  const message = 'The Idempotency-Key was used for another request.';
  return refused('IDEMPOTENCY_KEY_REUSED', message, 'was used for another request');
}

function refused(reason: string, message: string, description: string): DomainError {
  return new DomainError('invalid', reason, message, { fields: [{ field: FIELD, reason, description }] });
}

function inUse(): DomainError {
  const message = 'A request with this Idempotency-Key is still running.';
  return new DomainError('aborted', 'IDEMPOTENCY_KEY_IN_USE', message, { retryAfterMs: RETRY_AFTER_MS });
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
