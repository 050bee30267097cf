import type { JsonSchema } from '../../transcoding/schema/json-schema.ts';
import { integerPattern } from './integer-pattern.ts';

const INT64_MAX = 2n ** 63n - 1n;

/** The range of the seconds of a `google.protobuf.Duration`: 10,000 years either way. */
export const DURATION_SECONDS_MAX = 315_576_000_000n;

/** Longer texts of digits are refused unread. */
const DIGITS_MAX = 400;

const YEAR = '(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])';
const DAY = '(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])';
const CLOCK = '(?:[01][0-9]|2[0-3]):[0-5][0-9]';
const BASE64 = '[A-Za-z0-9+/_-]';

/** The JSON of a 64-bit integer of a range. */
export function integerForm(least: bigint, most: bigint): JsonSchema {
  return { pattern: `^${integerPattern(least, most)}$`, maxLength: DIGITS_MAX };
}

/** The JSON of a duration of a range of whole seconds, with up to nine digits after the point. */
export function durationForm(leastSeconds: bigint, mostSeconds: bigint): JsonSchema {
  const fraction = '(?:\\.[0-9]{1,9})?';
  const whole = '(?:\\.0{1,9})?';
  if (leastSeconds < 0n) return { pattern: `^${integerPattern(leastSeconds, mostSeconds)}${fraction}s$` };
  const most = `0*${mostSeconds}${whole}`;
  if (leastSeconds === mostSeconds) return { pattern: `^${most}s$` };
  // A sign before a zero would make the fraction a negative one.
  const below = integerPattern(leastSeconds, mostSeconds - 1n).replace('-?0+', '0+');
  return { pattern: `^(?:${below}${fraction}|${most})s$` };
}

/** The patterns of the formats whose meaning only the protobuf JSON mapping knows. */
export const FORMS: Readonly<Record<string, JsonSchema>> = {
  int64: integerForm(-INT64_MAX - 1n, INT64_MAX),
  uint64: integerForm(0n, 2n ** 64n - 1n),
  'int32-key': integerForm(-(2n ** 31n), 2n ** 31n - 1n),
  'uint32-key': integerForm(0n, 2n ** 32n - 1n),
  'google-duration': durationForm(-DURATION_SECONDS_MAX, DURATION_SECONDS_MAX),
  'google-fieldmask': { pattern: '^(?:[^_,.]+(?:[,.][^_,.]+)*)?$' },
  'date-time': { pattern: `^${YEAR}-${DAY}T${CLOCK}:[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-]${CLOCK})$` },
  byte: { pattern: `^(?:${BASE64}{4})*(?:${BASE64}{2,3}|${BASE64}{2}==|${BASE64}{3}=)?$` },
  email: {
    pattern:
      "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
  },
};
