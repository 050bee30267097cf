import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import type { Fault } from './faults.ts';
import { jsonPathToString } from './json-path.ts';

/** One walk over a request's JSON: where it is, and what it found wrong. */
export interface Walk {
  /** Whether an integer in the JSON is not held exactly by a double. */
  readonly inexact: boolean;
  readonly path: (string | number)[];
  readonly faults: Fault[];
  /** Query parameters that are no field, as the client calls them. */
  readonly strangers: Fault[];
}

/** Brings a JSON value into the one form that the JSON Schema describes. */
export type Canonicalise = (json: JsonValue, walk: Walk) => JsonValue;

/** Notes a fault where the walk is. */
export function note({ path, faults }: Walk, reason: string, message: string): void {
  faults.push({ field: jsonPathToString(path), reason, message });
}

/** Whether a JSON value is an object. */
export function isObject(json: JsonValue | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
