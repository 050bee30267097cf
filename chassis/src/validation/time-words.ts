import { create, toJson } from '@bufbuild/protobuf';
import { DurationSchema, TimestampSchema } from '@bufbuild/protobuf/wkt';
import { plainWords } from './plain-words.ts';
import type { Time, TimeRange } from './time-rules.ts';

/** The library's name of the rule: `TIMESTAMP_GTE_LT`. */
export function timeReason({ kind, low, high }: TimeRange): string {
  return [kind, low?.case, high?.case].filter(Boolean).join('_').toUpperCase();
}

const BOUND_WORDS = {
  gt: 'greater than',
  gte: 'greater than or equal to',
  lt: 'less than',
  lte: 'less than or equal to',
} as const;

/** What is asked for: `must be at or after 2000-01-01T00:00:00Z`, `must be from 60s to 3600s`. */
export function timeWords({ kind, low, high }: TimeRange): string {
  const bounds = [low, high].flatMap((bound) =>
    bound ? [`${BOUND_WORDS[bound.case]} ${textOf(kind, bound.value)}`] : [],
  );
  return plainWords(`${kind}.`, `must be ${bounds.join(' and ')}`);
}

function textOf(kind: TimeRange['kind'], { seconds, nanos }: Time): string {
  const value = { seconds, nanos };
  return kind === 'timestamp'
    ? toJson(TimestampSchema, create(TimestampSchema, value))
    : toJson(DurationSchema, create(DurationSchema, value));
}
