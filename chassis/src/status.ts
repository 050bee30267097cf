import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { anyPack, anyUnpack } from '@bufbuild/protobuf/wkt';
import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '@malla/proto/google/rpc/error_details.pb';
import { StatusSchema } from '@malla/proto/google/rpc/status.pb';
import type { DomainError, ErrorKind, FieldViolation } from './errors.ts';

const DETAILS = 'grpc-status-details-bin';
const DOMAIN = 'malla';

const CODES: Readonly<Record<ErrorKind, status>> = {
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

/** Turns a failure of the domain into the status that grpc-js sends, with a `google.rpc.Status` in its trailers. */
export function toStatus(error: DomainError): StatusObject {
  const code = CODES[error.kind];
  const { fields = [], retryAfterMs, metadata = {} } = error.details;
  const details = [
    anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason: error.reason, domain: DOMAIN, metadata })),
  ];
  if (fields.length > 0) {
    details.push(
      anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations: fields.map((f) => ({ ...f })) })),
    );
  }
  if (retryAfterMs !== undefined) {
    const retryDelay = {
      seconds: BigInt(Math.floor(retryAfterMs / 1000)),
      nanos: Math.floor(retryAfterMs % 1000) * 1e6,
    };
    details.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })));
  }
  const trailers = new Metadata();
  const bytes = toBinary(StatusSchema, create(StatusSchema, { code, message: error.message, details }));
  trailers.set(DETAILS, Buffer.from(bytes));
  return { code, details: error.message, metadata: trailers };
}

/** Reads what a failed call says. Details that cannot be decoded are passed over. */
export function readStatus(error: ServiceError): RpcStatus {
  const base = { code: error.code, message: error.details, fields: [] };
  const [bytes] = error.metadata?.get(DETAILS) ?? [];
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
  return error instanceof Error && 'code' in error && 'details' in error && 'metadata' in error;
}
