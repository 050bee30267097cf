import type { JsonValue } from '@bufbuild/protobuf';
import { type BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { UNUSUAL } from './field-reader.ts';

/** The seconds of 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: a Timestamp outside of them has no JSON. */
const SECONDS = { min: -62_135_596_800, max: 253_402_300_799 };
const NANOS_MAX = 999_999_999;
const DAY_SECONDS = 86_400;

/** Reads a `google.protobuf.Timestamp` with its length before it, into RFC 3339 with 0, 3, 6 or 9 digits of the second. */
export function readTimestamp(reader: BinaryReader): JsonValue {
  let [seconds, nanos] = [0, 0];
  const length = reader.uint32();
  const end = reader.pos + length;
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    if (wireType !== WireType.Varint || number > 2) throw UNUSUAL;
    if (number === 1) seconds = Number(reader.int64());
    else nanos = reader.int32();
  }
  const isValid = seconds >= SECONDS.min && seconds <= SECONDS.max && nanos >= 0 && nanos <= NANOS_MAX;
  if (reader.pos !== end || !isValid) throw UNUSUAL;
  const day = Math.floor(seconds / DAY_SECONDS);
  return `${dateOf(day)}T${timeOf(seconds - day * DAY_SECONDS)}${fractionOf(nanos)}Z`;
}

/**
 * The date of a day of the epoch, in the Gregorian calendar from a year that begins in March: 400 years are 146,097 days, and
 * five months 153. `Date` does the same, at several times the price.
 */
function dateOf(day: number): string {
  const fromYear0 = day + 719_468;
  const era = Math.floor(fromYear0 / 146_097);
  const ofEra = fromYear0 - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const date = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(date)}`;
}

function timeOf(second: number): string {
  return `${twoDigits(Math.floor(second / 3600))}:${twoDigits(Math.floor(second / 60) % 60)}:${twoDigits(second % 60)}`;
}

function fractionOf(nanos: number): string {
  if (nanos === 0) return '';
  const digits = String(nanos).padStart(9, '0');
  if (nanos % 1_000_000 === 0) return `.${digits.slice(0, 3)}`;
  return nanos % 1000 === 0 ? `.${digits.slice(0, 6)}` : `.${digits}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
