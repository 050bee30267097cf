import { STATUS_CODES } from 'node:http';
import type { Fault } from '../transcoding/faults.ts';

/** A failure as the client receives it: problem details (RFC 9457). */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The path of the request. */
  readonly instance: string;
  /** Stable, UPPER_SNAKE. */
  readonly reason: string;
  /** The first of its faults. */
  readonly errors?: readonly Fault[];
  /** The number of faults, where `errors` does not list all. */
  readonly error_count?: number;
  readonly request_id: string;
}

/** The optional parts of a failure beside its status and reason. */
export interface ProblemExtras {
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: readonly Fault[];
  readonly cause?: unknown;
}

/** A failure that the client receives as it is: `message` becomes the `detail`. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';

  readonly statusCode: number;
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: readonly Fault[] | undefined;

  constructor(statusCode: number, reason: string, detail: string, extras: ProblemExtras = {}) {
    super(detail, { cause: extras.cause });
    this.statusCode = statusCode;
    this.reason = reason;
    this.headers = extras.headers ?? {};
    this.errors = extras.errors;
  }
}

/** A refusal for what a header says or lacks, which is named as the fault's field. */
export function headerProblem(statusCode: number, reason: string, header: string, detail: string): HttpProblem {
  return new HttpProblem(statusCode, reason, detail, { errors: [{ field: header, reason, message: detail }] });
}

/** The refusal of a path that cannot be read, so that no variable of it can be named. */
export function pathMalformed(): HttpProblem {
  return headerProblem(400, 'PATH_MALFORMED', ':path', 'The path is malformed.');
}

/** The problem of a head that is too large, over HTTP/1.1 and HTTP/2 alike. */
export const HEADERS_TOO_LARGE = [431, 'HEADERS_TOO_LARGE', 'The headers are larger than 16 KiB.'] as const;

/** The media type of problem details. */
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The problem details of a failure. */
export function problemDetails(problem: HttpProblem, instance: string, requestId: string): Problem {
  return {
    type: 'about:blank',
    title: titleOf(problem.statusCode),
    status: problem.statusCode,
    detail: problem.message,
    instance,
    reason: problem.reason,
    ...(problem.errors && listed(problem.errors)),
    request_id: requestId,
  };
}

/** No answer lists more faults than this: a small request may have tens of thousands. */
const ERRORS_MAX = 100;

function listed(errors: readonly Fault[]): Pick<Problem, 'errors' | 'error_count'> {
  return errors.length > ERRORS_MAX ? { errors: errors.slice(0, ERRORS_MAX), error_count: errors.length } : { errors };
}

function titleOf(statusCode: number): string {
  // The one status that grpc-gateway, Envoy and Connect use and no RFC names.
  return statusCode === 499 ? 'Client Closed Request' : (STATUS_CODES[statusCode] ?? 'Error');
}
