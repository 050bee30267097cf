import type { DescMessage, JsonValue } from '@bufbuild/protobuf';
import { type Codec, decodeJson, ruleFaults } from './encode.ts';
import { type Fault, TranscodingError } from './faults.ts';
import { jsonPathToString } from './json-path.ts';
import { explainSchemaErrors, type SchemaError, type SchemaFault } from './schema/explain.ts';

/**
 * Every fault of a request that its JSON Schema refuses. The schema finds what cannot be converted; what remains without it
 * is converted and put to protovalidate, so that a client hears of both at once, and of each rule in protovalidate's words,
 * which are the service's as well.
 */
export function requestFaults(
  codec: Codec,
  type: DescMessage,
  json: JsonValue,
  errors: readonly SchemaError[],
): Fault[] {
  const found = explainSchemaErrors(errors, json);
  const broken = found.filter(({ structural }) => structural);
  const rules = rulesOfRest(codec, type, json, broken);
  const faults = [...broken, ...(rules ?? found.filter(({ structural }) => !structural))];
  return unique(faults.length > 0 ? faults : found);
}

/** The rules broken by what is left without the broken places; undefined when nothing can be converted. */
function rulesOfRest(codec: Codec, type: DescMessage, json: JsonValue, broken: readonly SchemaFault[]) {
  if (broken.some(({ path }) => path.length === 0)) return undefined;
  const rest = structuredClone(json);
  const removed = broken.map(({ path }) => remove(rest, path));
  try {
    const faults = ruleFaults(codec, type, decodeJson(codec, type, rest));
    return faults.filter(({ field }) => !removed.some((place) => isWithin(field, place)));
  } catch (error) {
    if (error instanceof TranscodingError) return undefined;
    throw error;
  }
}

/** Removes the member at a path, or the whole list when it is an element. @returns the place that was removed. */
function remove(json: JsonValue, path: readonly (string | number)[]): string {
  const place = typeof path.at(-1) === 'number' ? path.slice(0, -1) : path;
  let parent: unknown = json;
  for (const step of place.slice(0, -1)) parent = (parent as Record<string | number, unknown> | undefined)?.[step];
  if (typeof parent === 'object' && parent !== null) delete (parent as Record<string, unknown>)[String(place.at(-1))];
  return jsonPathToString(place);
}

function isWithin(field: string, place: string): boolean {
  return field === place || field.startsWith(`${place}.`) || field.startsWith(`${place}[`);
}

function unique(faults: readonly Fault[]): Fault[] {
  const known = new Map(faults.map(({ field, reason, message }) => [`${reason} ${field}`, { field, reason, message }]));
  return [...known.values()];
}
