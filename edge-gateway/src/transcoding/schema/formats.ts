import { type DescMessage, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { base64Decode } from '@bufbuild/protobuf/wire';
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
  'google-duration': { words: 'a duration in seconds, such as 1.5s', accepts: isJsonOf(DurationSchema) },
  'google-fieldmask': { words: 'field names separated by commas', accepts: isFieldMask },
};

/** Whether a text is an integer, whatever its size. */
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

function isBase64(text: string): boolean {
  try {
    base64Decode(text);
    return true;
  } catch {
    return false;
  }
}

const isTimestampJson = isJsonOf(TimestampSchema);

/** Also refuses days that no month has, which JavaScript takes for days of the next. */
function isTimestamp(text: string): boolean {
  if (!isTimestampJson(text)) return false;
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
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
