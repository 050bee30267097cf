import { type DescField, type DescMessage, type JsonValue, ScalarType } from '@bufbuild/protobuf';
import { zeroJson } from '../schema/values.ts';
import type { BrokenPaths } from './broken-paths.ts';

type Path = readonly (string | number)[];
type Container = Record<string | number, JsonValue>;

/**
 * Takes a broken value out of a message's JSON, so that the rest can be converted: a field or a key is removed, and an element
 * or a map's value made empty, so that its siblings stay where they are. Notes where that changes what rules see.
 */
export function removeBrokenValue(type: DescMessage, json: JsonValue, path: Path, places: BrokenPaths): void {
  const { field, inContainer } = targetOf(type, path);
  const parent = parentOf(json, path);
  const last = path.at(-1);
  const present = parent !== undefined && last !== undefined && Object.hasOwn(parent, last);
  const altered = present && field !== undefined;
  places.add(path, altered);
  if (!present) return;
  if (field && inContainer && !mayHaveBadKeys(field)) parent[last] = zeroJson(field);
  else delete parent[last];
  if (altered && !inContainer && field.oneof) places.add([...path.slice(0, -1), field.oneof.name], true);
}

/** The field that a path leads to, if it is of the message; and whether the path goes on to an element or entry of it. */
function targetOf(type: DescMessage, path: Path): { readonly field: DescField | undefined; inContainer: boolean } {
  let message: DescMessage | undefined = type;
  let field: DescField | undefined;
  let inContainer = false;
  for (const step of path) {
    const container: boolean = !inContainer && (field?.fieldKind === 'list' || field?.fieldKind === 'map');
    if (!container) field = message?.fields.find(({ jsonName }) => jsonName === step);
    inContainer = container;
    message = field?.message;
  }
  return { field, inContainer };
}

/** Of a map, whose keys may be what is wrong. Every string is a key. */
function mayHaveBadKeys(field: DescField): boolean {
  return field.fieldKind === 'map' && field.mapKey !== ScalarType.STRING;
}

function parentOf(json: JsonValue, path: Path): Container | undefined {
  let value: JsonValue | undefined = json;
  for (const step of path.slice(0, -1)) value = (value as Container | undefined)?.[step];
  return typeof value === 'object' && value !== null ? (value as Container) : undefined;
}
