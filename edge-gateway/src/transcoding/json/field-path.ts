import type { DescField, DescMessage, JsonObject } from '@bufbuild/protobuf';

/** Fields from a message down to one of its own or of a message in it. At least one. */
export type FieldPath = readonly [DescField, ...DescField[]];

/**
 * Finds the field that a dotted path names, by proto names or JSON names. Undefined when there is none, or when the path
 * leads through a field that is repeated or is no message.
 */
export function resolveFieldPath(message: DescMessage, path: string): FieldPath | undefined {
  const fields: DescField[] = [];
  let within: DescMessage | undefined = message;
  for (const name of path.split('.')) {
    const field: DescField | undefined = within?.fields.find((each) => each.name === name || each.jsonName === name);
    if (!field) return undefined;
    fields.push(field);
    within = field.fieldKind === 'message' ? field.message : undefined;
  }
  return fields as unknown as FieldPath;
}

/** The path in JSON names: `user.displayName`. */
export function jsonPathOf(path: FieldPath): string {
  return path.map(({ jsonName }) => jsonName).join('.');
}

/** The object in `target` that holds the last field of `path`, made where it is missing; undefined when another value is there. */
export function parentObject(target: JsonObject, path: FieldPath): JsonObject | undefined {
  let parent = target;
  for (const { jsonName } of path.slice(0, -1)) {
    parent[jsonName] ??= {};
    const next = parent[jsonName];
    if (typeof next !== 'object' || next === null || Array.isArray(next)) return undefined;
    parent = next;
  }
  return parent;
}

/** The last field of a path. */
export function lastField(path: FieldPath): DescField {
  return path[path.length - 1] as DescField;
}
