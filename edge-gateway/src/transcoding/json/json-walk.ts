import type { JsonObject, JsonValue, Registry } from '@bufbuild/protobuf';
import { FAULTS_MAX, type Fault, type PlacedFault } from '../faults.ts';
import { jsonPathToString } from './json-path.ts';

/** One walk over a request's JSON: where it is, and what it found wrong. */
export interface JsonWalk {
  /** The integers whose text is more precise than a double; undefined when there are none. */
  readonly inexact: ReadonlySet<number> | undefined;
  /** The types that an `Any` may be of. */
  readonly registry: Registry;
  /** True inside an `Any`, whose conversion is tried as a whole. */
  readonly withinAny?: boolean;
  /** True inside a field whose rules are ignored (`IGNORE_ALWAYS`). */
  readonly isUnruled?: boolean;
  readonly path: (string | number)[];
  readonly faults: PlacedFault[];
  /** Query parameters that are no field, as the client calls them. */
  readonly strangers: Fault[];
}

/** Brings a JSON value into the one form that the JSON Schema describes. */
export type Canonicalise = (json: JsonValue, walk: JsonWalk) => JsonValue;

/** Returns true when the walk has FAULTS_MAX faults: it then stops. */
export function isFull({ faults }: JsonWalk): boolean {
  return faults.length >= FAULTS_MAX;
}

/** Notes a fault where the walk is, up to FAULTS_MAX. */
export function noteFault(walk: JsonWalk, reason: string, message: string): void {
  const { path, faults } = walk;
  if (isFull(walk)) return;
  faults.push({ path: [...path], field: jsonPathToString(path), reason, message });
}

/** Returns true when a JSON value is an object. */
export function isObject(json: JsonValue | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
