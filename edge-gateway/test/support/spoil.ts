import type { JsonObject, JsonValue } from '@bufbuild/protobuf';

/** A sample with one thing changed. */
export interface Spoiled {
  /** Where, as problems name it: `address.lines[0]`. */
  readonly field: string;
  readonly value: JsonValue;
  readonly sample: JsonObject;
}

/** What honest programs with bugs send, and what attackers send: of every type, too long, too large, and empty. */
const JUNK: readonly JsonValue[] = [
  true,
  -1,
  0.5,
  12_345_678_901,
  '',
  ' ',
  'x',
  'é'.repeat(5_000),
  '-99999999999999999999',
  'NaN',
  '2026-02-30T00:00:00Z',
  'https://',
  'a@b',
  '\u0000',
  [],
  [null],
  [[]],
  {},
  { nope: 1 },
];

/** The sample with every value in its body, and every member its schema could have there, replaced by junk; and with strangers. */
export function spoil(sample: JsonObject, properties: readonly string[]): Spoiled[] {
  const body = sample.body as JsonObject | undefined;
  if (!body) return [];
  const places = [...placesOf(body, []), ...properties.filter((name) => !(name in body)).map((name) => [name])];
  const replaced = places.flatMap((path) => JUNK.map((value) => ({ path, value })));
  const strangers = objectsOf(body, []).map((path) => ({ path: [...path, 'stranger'], value: 'x' }));
  return [...replaced, ...strangers].map(({ path, value }) => ({
    field: nameOf(path),
    value,
    sample: { ...sample, body: put(body, path, value) as JsonObject },
  }));
}

type Path = readonly (string | number)[];

function placesOf(value: JsonValue, path: Path): Path[] {
  const inside = entriesOf(value).flatMap(([step, member]) => placesOf(member, [...path, step]));
  return path.length === 0 ? inside : [path, ...inside];
}

function objectsOf(value: JsonValue, path: Path): Path[] {
  const inside = entriesOf(value).flatMap(([step, member]) => objectsOf(member, [...path, step]));
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? [path, ...inside] : inside;
}

function entriesOf(value: JsonValue): [string | number, JsonValue][] {
  if (Array.isArray(value)) return [...value.entries()];
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function put(value: JsonValue | undefined, [step, ...rest]: Path, junk: JsonValue): JsonValue {
  if (step === undefined) return junk;
  if (Array.isArray(value)) return value.with(Number(step), put(value[Number(step)], rest, junk));
  const object = (value ?? {}) as JsonObject;
  return { ...object, [step]: put(object[step], rest, junk) };
}

function nameOf(path: Path): string {
  return path.reduce<string>((name, step) => {
    if (typeof step === 'number') return `${name}[${step}]`;
    return name === '' ? step : `${name}.${step}`;
  }, '');
}
