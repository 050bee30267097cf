/** What kind of failure a rule of the domain ends in. One gRPC status each; see `status.ts`. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'already-exists'
  | 'aborted'
  | 'precondition'
  | 'exhausted'
  | 'unavailable';

/** A field of the request that broke a rule, named by its path in the proto: `user.display_name`. */
export interface FieldViolation {
  readonly field: string;
  /** The rule's stable name in UPPER_SNAKE: `STRING_MIN_LEN`. */
  readonly reason: string;
  readonly description: string;
}

export interface ErrorDetails {
  readonly fields?: readonly FieldViolation[];
  /** When a client may try again. */
  readonly retryAfterMs?: number;
  /** Whether channels may send an `unavailable` call again by themselves, to another replica (gRFC A6). Default: true. */
  readonly retryAtOnce?: boolean;
  /** More about the failure, for machines. Reaches the client. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A failure that the caller is told about. `reason` is stable and in UPPER_SNAKE (AIP-193); `message` is for people and
 * reaches the client as it is, so it holds nothing that the client may not know.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  readonly kind: ErrorKind;
  readonly reason: string;
  readonly details: ErrorDetails;

  constructor(kind: ErrorKind, reason: string, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.reason = reason;
    this.details = details;
  }
}
