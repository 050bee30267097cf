import { type DescField, type DescMessage, type FileRegistry, getOption, type Message } from '@bufbuild/protobuf';
import type { Path } from '@bufbuild/protobuf/reflect';
import { type FieldRules, field as fieldRules, Ignore } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import { FAULTS_MAX } from './rule-text.ts';
import { timeReason, timeWords } from './time-words.ts';

/** A moment, or how long something takes. */
export interface Time {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** The bounds of a time. */
export interface TimeRange {
  readonly kind: 'timestamp' | 'duration';
  readonly low: { readonly case: 'gt' | 'gte'; readonly value: Time } | undefined;
  readonly high: { readonly case: 'lt' | 'lte'; readonly value: Time } | undefined;
}

/** A time that is out of its bounds. */
export interface TimeFault {
  readonly path: Path;
  readonly reason: string;
  readonly description: string;
}

interface Plan {
  readonly ranges: { readonly field: DescField; readonly range: TimeRange }[];
  readonly inner: { readonly field: DescField; readonly plan: Plan }[];
}

const BOUNDS = new Set(['$typeName', '$unknown', 'lessThan', 'greaterThan', 'in', 'notIn', 'example', 'const']);

/**
 * The bounds that a field's rules are nothing but; undefined for other rules, which are the library's to check. It evaluates
 * the rules of times as CEL, 25 µs for each: thousands of prices take long.
 */
export function timeRangeOf(rules: FieldRules): TimeRange | undefined {
  const { type, ignore } = rules;
  if ((type.case !== 'timestamp' && type.case !== 'duration') || ignore !== Ignore.UNSPECIFIED) return undefined;
  const { lessThan, greaterThan, const: exact, ...others } = type.value;
  const isMore = exact !== undefined || ('in' in others && others.in.length + others.notIn.length > 0);
  if (isMore || Object.keys(others).some((name) => !BOUNDS.has(name))) return undefined;
  if (lessThan.case === 'ltNow' || greaterThan.case === 'gtNow') return undefined;
  const low = greaterThan.case === undefined ? undefined : greaterThan;
  const high = lessThan.case === undefined ? undefined : lessThan;
  if ((!low && !high) || (low && high && compare(low.value, high.value) > 0)) return undefined;
  return { kind: type.case, low, high };
}

/** Finds the times of a message that are out of their bounds, at most FAULTS_MAX. */
export type TimeCheck = (type: DescMessage, message: Message) => TimeFault[];

/** Compiles the check of the messages of a registry. */
export function createTimeCheck(registry: FileRegistry): TimeCheck {
  const plans = new Map<string, Plan>();
  const planOf = (type: DescMessage): Plan => {
    const known = plans.get(type.typeName);
    if (known) return known;
    const plan: Plan = { ranges: [], inner: [] };
    plans.set(type.typeName, plan);
    for (const field of type.fields) {
      const range = timeRangeOf(getOption(field, fieldRules));
      if (range) plan.ranges.push({ field, range });
      else if (field.message && getOption(field, fieldRules).ignore !== Ignore.ALWAYS) {
        if (leadsToTime(field.message)) plan.inner.push({ field, plan: planOf(field.message) });
      }
    }
    return plan;
  };
  return (type, message) => {
    const faults: TimeFault[] = [];
    walk(planOf(registry.getMessage(type.typeName) ?? type), message, [], faults);
    return faults;
  };
}

/** Whether a message or one within it has a time with bounds. */
function leadsToTime(type: DescMessage, seen = new Set<DescMessage>()): boolean {
  if (seen.has(type)) return false;
  seen.add(type);
  return type.fields.some(
    (field) => timeRangeOf(getOption(field, fieldRules)) || (field.message && leadsToTime(field.message, seen)),
  );
}

function walk({ ranges, inner }: Plan, message: Message, path: Path, faults: TimeFault[]): void {
  for (const { field, range } of ranges) {
    const time = heldBy(message, field) as Time | undefined;
    if (time === undefined || isWithin(time, range) || faults.length >= FAULTS_MAX) continue;
    faults.push({ path: [...path, field], reason: timeReason(range), description: timeWords(range) });
  }
  for (const { field, plan } of inner) {
    for (const [step, value] of messagesOf(message, field)) walk(plan, value, [...path, field, ...step], faults);
  }
}

function messagesOf(message: Message, field: DescField): Iterable<readonly [Path, Message]> {
  const value = heldBy(message, field);
  if (value === undefined) return [];
  if (field.fieldKind === 'list') {
    return (value as Message[]).map((item, index) => [[{ kind: 'list_sub', index }], item] as const);
  }
  if (field.fieldKind !== 'map') return [[[], value as Message]];
  return Object.entries(value as object).map(([key, item]) => [[{ kind: 'map_sub', key }], item as Message] as const);
}

function heldBy(message: Message, field: DescField): unknown {
  const members = message as unknown as Record<string, unknown>;
  if (!field.oneof) return members[field.localName];
  const chosen = members[field.oneof.localName] as { readonly case?: string; readonly value?: unknown } | undefined;
  return chosen?.case === field.localName ? chosen.value : undefined;
}

function isWithin(time: Time, { kind, low, high }: TimeRange): boolean {
  if (Math.abs(time.nanos) > 999_999_999 || (kind === 'timestamp' && time.nanos < 0)) return false;
  if (low && compare(time, low.value) < (low.case === 'gt' ? 1 : 0)) return false;
  return !high || compare(time, high.value) <= (high.case === 'lt' ? -1 : 0);
}

function compare(a: Time, b: Time): number {
  if (a.seconds !== b.seconds) return a.seconds < b.seconds ? -1 : 1;
  return Math.sign(a.nanos - b.nanos);
}
