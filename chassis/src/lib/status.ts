import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { anyPack, anyUnpack } from '@bufbuild/protobuf/wkt';
import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '@malla/proto/google/rpc/error_details.pb';
import { StatusSchema } from '@malla/proto/google/rpc/status.pb';
import type { DomainError, ErrorKind, FieldViolation } from './errors.ts';

const DETAILS = 'grpc-status-details-bin';
const DOMAIN = 'malla';
/** Trailers share the 8 KiB that peers grant to metadata. */
const MESSAGE_CHARS_MAX = 500;
const DETAIL_CHARS_MAX = 200;
const FIELDS_CHARS_MAX = 2_500;

const CODES: Readonly<Partial<Record<string, status>> & Record<ErrorKind, status>> = {
  invalid: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  'not-found': status.NOT_FOUND,
  'already-exists': status.ALREADY_EXISTS,
  aborted: status.ABORTED,
  precondition: status.FAILED_PRECONDITION,
  exhausted: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
};

/** What a failed call says, read from its `google.rpc.Status`. */
export interface RpcStatus {
  readonly code: status;
  readonly message: string;
  /** From `google.rpc.ErrorInfo`; absent when the failure did not come from one of our own rules. */
  readonly reason?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly fields: readonly FieldViolation[];
  readonly retryAfterMs?: number;
}

/**
 * Turns a failure of the domain into the status that grpc-js sends, with a `google.rpc.Status` in its trailers. Long texts are
 * cut and the fields after many others left out: trailers that are too large would end the call without any status.
 */
export function toStatus(error: DomainError): StatusObject {
  const code = CODES[error.kind];
  if (code === undefined) throw new Error(`${error.kind} is not a kind of error`);
  const message = clip(error.message, MESSAGE_CHARS_MAX);
  const { fields = [], retryAfterMs, retryAtOnce = true, metadata = {} } = error.details;
  const info = { reason: error.reason, domain: DOMAIN, metadata: clipAll(metadata) };
  const details = [anyPack(ErrorInfoSchema, create(ErrorInfoSchema, info))];
  if (fields.length > 0) {
    details.push(anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations: fitting(fields) })));
  }
  if (retryAfterMs !== undefined) {
    const retryDelay = {
      seconds: BigInt(Math.floor(retryAfterMs / 1000)),
      nanos: Math.floor(retryAfterMs % 1000) * 1e6,
    };
    details.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })));
  }
  const trailers = retryAtOnce ? new Metadata() : notAgain();
  const bytes = toBinary(StatusSchema, create(StatusSchema, { code, message, details }));
  trailers.set(DETAILS, Buffer.from(bytes));
  return { code, details: message, metadata: trailers };
}

/** Tells the caller's channel not to send the call again by itself (gRFC A6): retries of retries multiply. */
export function notAgain(): Metadata {
  const trailers = new Metadata();
  trailers.set('grpc-retry-pushback-ms', '-1');
  return trailers;
}

function fitting(fields: readonly FieldViolation[]): FieldViolation[] {
  let room = FIELDS_CHARS_MAX;
  return fields.map(clipAll).filter(({ field, reason, description }) => {
    room -= field.length + reason.length + description.length;
    return room >= 0;
  });
}

function clipAll<Texts extends { readonly [Name in keyof Texts]: string }>(texts: Texts): Texts {
  return Object.fromEntries(
    Object.entries<string>(texts).map(([name, text]) => [name, clip(text, DETAIL_CHARS_MAX)]),
  ) as Texts;
}

/** Half a surrogate pair, which a cut may leave too, cannot be sent. */
function clip(text: string, charsMax: number): string {
  return (text.length > charsMax ? `${text.slice(0, charsMax)}…` : text).toWellFormed();
}

/** Reads what a failed call says. Details that cannot be decoded are passed over. */
export function readStatus(error: ServiceError): RpcStatus {
  const base = { code: error.code, message: error.details, fields: [] };
  const [bytes] = error.metadata.get(DETAILS);
  if (!(bytes instanceof Buffer)) return base;
  try {
    return { ...base, ...readDetails(bytes) };
  } catch {
    return base;
  }
}

function readDetails(bytes: Uint8Array): Partial<RpcStatus> {
  const { details } = fromBinary(StatusSchema, bytes);
  const info = details.map((any) => anyUnpack(any, ErrorInfoSchema)).find((found) => found !== undefined);
  const bad = details.map((any) => anyUnpack(any, BadRequestSchema)).find((found) => found !== undefined);
  const delay = details.map((any) => anyUnpack(any, RetryInfoSchema)).find((found) => found !== undefined)?.retryDelay;
  return {
    ...(info && { reason: info.reason, metadata: info.metadata }),
    fields: bad?.fieldViolations.map(({ field, reason, description }) => ({ field, reason, description })) ?? [],
    ...(delay && { retryAfterMs: Number(delay.seconds) * 1000 + delay.nanos / 1e6 }),
  };
}

/** Whether a thrown value is a failed call of grpc-js. */
export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'metadata' in error && error.metadata instanceof Metadata && 'details' in error;
}
