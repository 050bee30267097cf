import { type DescMessage, fromJson, type JsonObject, type JsonValue } from '@bufbuild/protobuf';
import { AnySchema, hasCustomJsonRepresentation } from '@bufbuild/protobuf/wkt';
import { type Canonicalise, isObject, type JsonWalk, noteFault } from './json-walk.ts';

type ConverterOf = (message: DescMessage) => Canonicalise | undefined;

/**
 * Brings the content of an `Any` into the canonical form of its type. No schema describes what an `Any` holds, so that what
 * cannot be converted is found here; an empty one is left in its place.
 */
export function anyConverter(converterOf: ConverterOf): Canonicalise {
  return (json, walk) => {
    if (!isObject(json)) return json;
    const content = contentOf(json, walk, converterOf);
    if (walk.withinAny || converts(content, walk)) return content;
    noteFault(walk, 'VALUE_INVALID', 'cannot be converted to the type that its @type names');
    return {};
  };
}

function contentOf(json: JsonObject, walk: JsonWalk, converterOf: ConverterOf): JsonValue {
  const url = json['@type'];
  const type = typeof url === 'string' ? walk.registry.getMessage(url.slice(url.lastIndexOf('/') + 1)) : undefined;
  const convert = type && converterOf(type);
  if (!convert) return json;
  const within = { ...walk, withinAny: true };
  if (!hasCustomJsonRepresentation(type)) return convert(json, within);
  if (json.value === undefined) return json;
  walk.path.push('value');
  const value = convert(json.value, within);
  walk.path.pop();
  return { ...json, value };
}

function converts(json: JsonValue, { registry }: JsonWalk): boolean {
  try {
    fromJson(AnySchema, json, { registry });
    return true;
  } catch {
    return false;
  }
}
