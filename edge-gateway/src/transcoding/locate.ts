import { type DescMessage, fromJson, type JsonObject, type JsonValue, type Registry } from '@bufbuild/protobuf';
import { isObject } from './walk.ts';

/**
 * The path of a value that its JSON Schema lets pass and that cannot be converted all the same: the content of an `Any`, or a
 * map with a key in two spellings. Found by trying each part alone; empty when it is none of them.
 */
export function locateUnconvertible(type: DescMessage, json: JsonValue, registry: Registry): (string | number)[] {
  if (!isObject(json)) return [];
  const name = Object.keys(json).find((key) => !converts(type, { [key]: json[key] as JsonValue }, registry));
  const field = type.fields.find(({ jsonName }) => jsonName === name);
  if (name === undefined || !field) return [];
  const value = json[name] as JsonValue;
  if (field.fieldKind === 'message') return [name, ...locateUnconvertible(field.message, value, registry)];
  if (field.fieldKind !== 'list' || !Array.isArray(value)) return [name];
  const index = value.findIndex((element) => !converts(type, { [name]: [element] }, registry));
  if (index < 0) return [name];
  const inner = field.message ? locateUnconvertible(field.message, value[index] as JsonValue, registry) : [];
  return [name, index, ...inner];
}

function converts(type: DescMessage, json: JsonObject, registry: Registry): boolean {
  try {
    fromJson(type, json, { registry });
    return true;
  } catch {
    return false;
  }
}
