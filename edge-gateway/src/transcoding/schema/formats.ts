import { type DescMessage, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { DurationSchema, FieldMaskSchema, TimestampSchema } from '@bufbuild/protobuf/wkt';

/** A format of the schema: what it accepts and what it is called in an error. */
export interface Format {
  /** Ends the sentence "must be …". */
  readonly words: string;
  /** Absent where the other keywords say all. */
  readonly accepts?: (text: string) => boolean;
}

const DIGITS = /^-?\d+$/;

/** Every format that the derived schemas name. A format looks at strings only. */
export const FORMATS: Readonly<Record<string, Format>> = {
  int32: { words: 'a 32-bit integer' },
  uint32: { words: 'an unsigned 32-bit integer' },
  int64: { words: 'a 64-bit integer, best sent as a string', accepts: integer(-(2n ** 63n), 2n ** 63n - 1n) },
  uint64: { words: 'an unsigned 64-bit integer, best sent as a string', accepts: integer(0n, 2n ** 64n - 1n) },
  'int32-key': { words: 'a 32-bit integer', accepts: integer(-(2n ** 31n), 2n ** 31n - 1n) },
  'uint32-key': { words: 'an unsigned 32-bit integer', accepts: integer(0n, 2n ** 32n - 1n) },
  float: { words: 'a number that a 32-bit float holds', accepts: isNotFinite },
  double: { words: 'a number', accepts: isNotFinite },
  byte: { words: 'bytes in base64', accepts: isBase64 },
  'date-time': { words: 'a time of RFC 3339, such as 2026-01-31T12:00:00Z', accepts: isTimestamp },
  'google-duration': { words: 'a duration in seconds, such as 1.5s', accepts: isDuration },
  'google-fieldmask': { words: 'field names separated by commas', accepts: isFieldMask },
};

/** Returns true when a text is an integer of any size. */
export function isDigits(text: string): boolean {
  return DIGITS.test(text);
}

function integer(least: bigint, most: bigint): (text: string) => boolean {
  return (text) => {
    if (!isDigits(text) || text.length > 400) return false;
    const value = BigInt(text);
    return value >= least && value <= most;
  };
}

function isNotFinite(text: string): boolean {
  return text === 'NaN' || text === 'Infinity' || text === '-Infinity';
}

const BASE64 = /^[A-Za-z0-9+/_-]*(={0,2})$/;

/** Either alphabet, padded or not. The library also takes white space, too little padding and several texts in one. */
function isBase64(text: string): boolean {
  const padding = BASE64.exec(text)?.[1];
  if (padding === undefined) return false;
  return padding === '' ? text.length % 4 !== 1 : text.length % 4 === 0;
}

/** The index at which the hour of a time starts. */
const HOUR = '2026-01-31T'.length;

const isTimestampJson = isJsonOf(TimestampSchema);

/** Also refuses days that no month has, and the hour 24, which JavaScript takes for times of the next. */
function isTimestamp(text: string): boolean {
  if (!isTimestampJson(text) || text.startsWith('24', HOUR)) return false;
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

const isDurationJson = isJsonOf(DurationSchema);

/** Also refuses what follows the unit, which the library passes over. */
function isDuration(text: string): boolean {
  return text.endsWith('s') && text.indexOf('s') === text.length - 1 && isDurationJson(text);
}

const isFieldMaskJson = isJsonOf(FieldMaskSchema);

function isFieldMask(text: string): boolean {
  const names = text === '' ? [] : text.split(/[,.]/);
  return !names.includes('') && isFieldMaskJson(text);
}

function isJsonOf(message: DescMessage): (text: string) => boolean {
  return (text: JsonValue) => {
    try {
      fromJson(message, text);
      return true;
    } catch {
      return false;
    }
  };
}
