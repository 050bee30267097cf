import { status } from '@grpc/grpc-js';
import { DomainError } from '@malla/chassis/errors';
import { isServiceError, type RpcStatus, readStatus } from '@malla/chassis/status';
import { errorChallenge, plainChallenge } from '../admission/challenge.ts';
import { invalidDetail, MESSAGE_INVALID, TranscodingError } from '../transcoding/faults.ts';
import { httpStatusOf } from '../transcoding/response/http-status.ts';
import { frameworkProblem } from './framework-problem.ts';
import { HttpProblem } from './problem.ts';

const UNREACHABLE_RETRY_MS = 1_000;

/** The facts about a request on which the problem of its failure depends. */
export interface FailedRequest {
  /** True when a token was passed on. */
  readonly authenticated: boolean;
  /** True when `If-Match` was sent. */
  readonly conditional: boolean;
  /** The name of a field in the client's JSON, for its path in the request message. */
  readonly fieldName: (path: string) => string;
  /** A text of a service in the names of the client's JSON. */
  readonly nameInText: (text: string) => string;
  /** The media type of the bodies that its route takes. */
  readonly bodyType: string;
}

/** Turns whatever was thrown into a problem. What is not known becomes INTERNAL, with a constant text. */
export function toProblem(error: unknown, request: FailedRequest): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof TranscodingError) return transcodingProblem(error);
  if (error instanceof DomainError) return domainProblem(error);
  if (isServiceError(error)) return serviceProblem(readStatus(error), request, error);
  return frameworkProblem(error, request.bodyType) ?? internal(error);
}

function transcodingProblem({ reason, message, faults }: TranscodingError): HttpProblem {
  return new HttpProblem(400, reason, message, faults.length > 0 ? { errors: faults } : {});
}

/** A token that the verifier refused, or could not verify; a client that has too much under way; a full house. */
function domainProblem(error: DomainError): HttpProblem {
  const { kind, reason, message, details } = error;
  if (kind === 'unauthenticated') {
    const challenge = reason === 'TOKEN_MISSING' ? plainChallenge() : errorChallenge('invalid_token', message);
    return new HttpProblem(401, reason, message, { headers: { 'www-authenticate': challenge } });
  }
  if (kind === 'exhausted') return new HttpProblem(429, reason, message, { headers: retryAfter(details.retryAfterMs) });
  if (kind === 'unavailable') {
    return new HttpProblem(503, reason, message, { headers: retryAfter(details.retryAfterMs), cause: error.cause });
  }
  return internal(error);
}

/** The texts of failures that did not come from one of our own rules, whose own text stays inside. */
const CONSTANT_TEXTS: Readonly<Partial<Record<status, string>>> = {
  [status.CANCELLED]: 'The request was cancelled.',
  [status.DEADLINE_EXCEEDED]: 'The service did not answer in time.',
  [status.UNAVAILABLE]: 'The service cannot be reached at the moment.',
  [status.RESOURCE_EXHAUSTED]: 'The service has too much to do at the moment.',
  [status.UNIMPLEMENTED]: 'The service does not know this method yet.',
};

function serviceProblem(told: RpcStatus, request: FailedRequest, cause: unknown): HttpProblem {
  const { code, reason, fields } = told;
  const statusCode = statusOf(told, request);
  const errors = fields.map(({ field, reason: rule, description }) => ({
    field: request.fieldName(field),
    reason: rule,
    message: request.nameInText(description),
  }));
  const detail = detailOf(told, request, errors) ?? CONSTANT_TEXTS[code] ?? internalText(statusCode);
  return new HttpProblem(statusCode, reason ?? status[code] ?? 'UNKNOWN', detail, {
    headers: { ...retryAfter(retryDelayMs(told)), ...challengeOf(told, detail, request) },
    ...(errors.length > 0 && { errors }),
    // The stack of a passed deadline adds no information.
    ...(code !== status.DEADLINE_EXCEEDED && { cause }),
  });
}

/** Only a text that came with a reason was written for clients. */
function detailOf({ reason, message }: RpcStatus, { nameInText }: FailedRequest, errors: readonly { field: string }[]) {
  if (reason === MESSAGE_INVALID && errors.length > 0) return invalidDetail(errors);
  return reason ? nameInText(message) : undefined;
}

/** HTTP has statuses of its own for two reasons that services share. */
function statusOf({ code, reason }: RpcStatus, { conditional }: FailedRequest): number {
  if (reason === 'ETAG_MISMATCH' && conditional) return 412;
  return reason === 'IDEMPOTENCY_KEY_REUSED' ? 422 : httpStatusOf(code);
}

function challengeOf({ code, metadata }: RpcStatus, detail: string, request: FailedRequest): Record<string, string> {
  if (code === status.PERMISSION_DENIED && request.authenticated) {
    return { 'www-authenticate': errorChallenge('insufficient_scope', detail, metadata?.permissions) };
  }
  if (code !== status.UNAUTHENTICATED) return {};
  return { 'www-authenticate': request.authenticated ? errorChallenge('invalid_token', detail) : plainChallenge() };
}

/** What the service says, or a second when it cannot be reached to say it. */
function retryDelayMs({ code, retryAfterMs }: RpcStatus): number | undefined {
  return retryAfterMs ?? (code === status.UNAVAILABLE ? UNREACHABLE_RETRY_MS : undefined);
}

function retryAfter(delayMs: number | undefined): Record<string, string> {
  return delayMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(delayMs / 1000))) };
}

function internal(cause: unknown): HttpProblem {
  return new HttpProblem(500, 'INTERNAL', internalText(500), { cause });
}

function internalText(statusCode: number): string {
  return statusCode >= 500
    ? 'The service failed. The request id tells the operators why.'
    : 'The service refused the request.';
}
