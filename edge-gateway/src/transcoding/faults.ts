/** One thing that is wrong with a request. */
export interface Fault {
  /** A path in the JSON, or the name of a query parameter or path variable: `items[2].price.amountMinor`. */
  readonly field: string;
  /** The reason: a stable name in UPPER_SNAKE. */
  readonly reason: string;
  /** The description for people. */
  readonly message: string;
}

/** A fault, and where it is as the steps to it. */
export interface PlacedFault extends Fault {
  readonly path: readonly (string | number)[];
}

export { FAULTS_MAX } from '@malla/chassis/rule-text';

/** A request that cannot become the RPC's message. All its faults, not only the first, up to FAULTS_MAX. */
export class TranscodingError extends Error {
  override readonly name = 'TranscodingError';

  /** The reason of the failure: a stable name in UPPER_SNAKE. */
  readonly reason: string;
  readonly faults: readonly Fault[];

  constructor(reason: string, message: string, faults: readonly Fault[] = []) {
    super(message);
    this.reason = reason;
    this.faults = faults;
  }
}

/** The reason of a request that breaks rules, the same that a service gives. */
export const MESSAGE_INVALID = 'MESSAGE_INVALID';

/** A request whose text cannot be read, or not at a place that is known, as a path or the name of a parameter. */
export function malformedRequest(reason: string, message: string, field = ''): TranscodingError {
  return new TranscodingError(reason, message, [{ field, reason, message }]);
}

/** A request with faults in its fields. */
export function invalidRequest(faults: readonly Fault[]): TranscodingError {
  return new TranscodingError(MESSAGE_INVALID, invalidDetail(faults), faults);
}

/** Which fields break a rule, in words: five at most. */
export function invalidDetail(faults: readonly Pick<Fault, 'field'>[]): string {
  const names = [...new Set(faults.map(({ field }) => field || 'the request'))];
  const listed = names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
  return `The request breaks a rule: ${listed}.`;
}
