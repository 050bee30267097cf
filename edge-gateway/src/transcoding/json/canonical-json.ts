import type { DescField, DescMessage, DescOneof, JsonObject, JsonValue } from '@bufbuild/protobuf';
import { boundsOf } from '@malla/chassis/rule-bounds';
import { fieldConverter } from './canonical-values.ts';
import { type Canonicalise, isFull, isObject, type JsonWalk, noteFault } from './json-walk.ts';

interface Entry {
  readonly field: DescField;
  /** True when null is a value of the field, and not its absence. */
  readonly nullable: boolean;
  readonly convert: Canonicalise | undefined;
  /** True when no rules apply in the field. */
  readonly isIgnored: boolean;
}

const compiled = new WeakMap<DescMessage, Canonicalise>();

/**
 * Compiles the walk over a message's JSON. The protobuf JSON mapping lets a client write a thing in several ways: a field by
 * its JSON name or its proto name, null for an absent field, numbers as strings and 64-bit integers as numbers. The walk
 * leaves the JSON name, no null, and the form that the mapping itself writes; it notes a field given twice, two members of
 * a oneof, integers that a double has changed, and lists, maps and texts that are longer than their rules allow, into which it
 * does not look. With FAULTS_MAX of these it ends, and leaves out the rest. What has a wrong type is left for the JSON Schema to find.
 */
export function canonicaliser(message: DescMessage): Canonicalise {
  const known = compiled.get(message);
  if (known) return known;
  const entries = new Map<string, Entry>();
  const canonicalise: Canonicalise = (json, walk) => (isObject(json) ? walkMembers(json, walk, entries) : json);
  compiled.set(message, canonicalise);
  for (const field of message.fields) {
    const entry = {
      field,
      nullable: isNullable(field),
      convert: fieldConverter(field, canonicaliser),
      isIgnored: boundsOf(field).isIgnored,
    };
    entries.set(field.name, entry).set(field.jsonName, entry);
  }
  return canonicalise;
}

function walkMembers(json: JsonObject, walk: JsonWalk, entries: ReadonlyMap<string, Entry>): JsonObject {
  const result: JsonObject = {};
  let oneofs: Map<DescOneof, string> | undefined;
  for (const name of Object.keys(json)) {
    if (isFull(walk)) return result;
    const value = json[name] as JsonValue;
    const entry = entries.get(name);
    if (!entry) {
      result[name] = value;
      continue;
    }
    if (value === null && !entry.nullable) continue;
    const { jsonName, oneof } = entry.field;
    walk.path.push(jsonName);
    if (Object.hasOwn(result, jsonName)) {
      noteFault(walk, 'FIELD_DUPLICATED', 'is given twice, by each of its two names');
    } else if (oneof && oneofs?.has(oneof)) {
      noteFault(walk, 'ONEOF_CONFLICT', `cannot be given together with ${oneofs.get(oneof)}`);
    } else {
      if (oneof) oneofs = (oneofs ?? new Map<DescOneof, string>()).set(oneof, jsonName);
      const within = entry.isIgnored ? { ...walk, isUnruled: true } : walk;
      result[jsonName] = entry.convert ? entry.convert(value, within) : value;
    }
    walk.path.pop();
  }
  return result;
}

function isNullable(field: DescField): boolean {
  if (field.fieldKind === 'enum') return field.enum.typeName === 'google.protobuf.NullValue';
  return field.fieldKind === 'message' && field.message.typeName === 'google.protobuf.Value';
}
