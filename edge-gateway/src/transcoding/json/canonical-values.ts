import { type DescField, type DescMessage, type JsonObject, type JsonValue, ScalarType } from '@bufbuild/protobuf';
import { AnySchema, isWrapperDesc } from '@bufbuild/protobuf/wkt';
import { boundsOf, type FieldBounds, isFarTooLong } from '@malla/chassis/rule-bounds';
import { tooLongText, tooManyItems } from '@malla/chassis/rule-text';
import { anyConverter } from './canonical-any.ts';
import { type Canonicalise, isFull, isObject, type JsonWalk, noteFault } from './json-walk.ts';
import { mapKeySpelling } from './map-key-spelling.ts';

/** The messages whose JSON has one form, of their own. */
const WELL_KNOWN = new Set(
  ['Timestamp', 'Duration', 'FieldMask', 'Struct', 'Value', 'ListValue'].map((name) => `google.protobuf.${name}`),
);
const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** Returns the function that turns a field's JSON into its canonical form; undefined where only one form exists. */
export function fieldConverter(
  field: DescField,
  messageConverter: (message: DescMessage) => Canonicalise,
): Canonicalise | undefined {
  switch (field.fieldKind) {
    case 'scalar':
      return scalarConverter(field.scalar) ?? textConverter(field);
    case 'message':
      return messageOrWellKnown(field.message, messageConverter);
    case 'list':
      return listConverter(elementConverter(field.listKind, field, messageConverter), boundsOf(field));
    case 'map':
      return mapConverter(field.mapKey, elementConverter(field.mapKind, field, messageConverter), boundsOf(field));
    default:
      return undefined;
  }
}

function elementConverter(
  kind: 'scalar' | 'enum' | 'message',
  field: DescField,
  messageConverter: (message: DescMessage) => Canonicalise,
): Canonicalise | undefined {
  if (kind === 'message') return messageOrWellKnown(field.message as DescMessage, messageConverter);
  return kind === 'scalar' ? (scalarConverter(field.scalar as ScalarType) ?? textConverter(field)) : undefined;
}

/** Empties a text that is far too long, so that no rule reads it. */
function textConverter(field: DescField): Canonicalise | undefined {
  const { textMax } = boundsOf(field);
  if (!textMax) return undefined;
  return (json, walk) => {
    if (typeof json !== 'string' || walk.isUnruled || !isFarTooLong(json, textMax)) return json;
    noteFault(walk, textMax.reason, tooLongText(textMax.max, textMax.unit));
    return '';
  };
}

/** Returns true, and records a fault, when a list or map has more items than its rule allows. */
function hasTooMany(items: number, { itemsMax, itemsReason }: FieldBounds, walk: JsonWalk): boolean {
  if (itemsMax === undefined || items <= itemsMax || walk.isUnruled) return false;
  noteFault(walk, itemsReason, tooManyItems(itemsMax));
  return true;
}

function messageOrWellKnown(
  message: DescMessage,
  messageConverter: (message: DescMessage) => Canonicalise,
): Canonicalise | undefined {
  if (message.typeName === AnySchema.typeName)
    return anyConverter((type) => messageOrWellKnown(type, messageConverter));
  if (isWrapperDesc(message)) return scalarConverter(message.fields[0].scalar);
  return WELL_KNOWN.has(message.typeName) ? undefined : messageConverter(message);
}

function listConverter(element: Canonicalise | undefined, bounds: FieldBounds): Canonicalise | undefined {
  if (!element && bounds.itemsMax === undefined) return undefined;
  return (json, walk) => {
    if (!Array.isArray(json)) return json;
    if (hasTooMany(json.length, bounds, walk)) return [];
    if (!element) return json;
    const converted: JsonValue[] = [];
    for (const [index, value] of json.entries()) {
      if (isFull(walk)) break;
      walk.path.push(index);
      converted.push(element(value, walk));
      walk.path.pop();
    }
    return converted;
  };
}

function mapConverter(
  keyType: ScalarType,
  element: Canonicalise | undefined,
  bounds: FieldBounds,
): Canonicalise | undefined {
  const spelling = mapKeySpelling(keyType);
  if (!element && !spelling && bounds.itemsMax === undefined) return undefined;
  return (json, walk) => {
    if (!isObject(json)) return json;
    const result: JsonObject = {};
    const keys = Object.keys(json);
    if (hasTooMany(keys.length, bounds, walk)) return result;
    for (const key of keys) {
      if (isFull(walk)) break;
      const name = spelling ? spelling(key) : key;
      const value = json[key] as JsonValue;
      walk.path.push(key);
      if (Object.hasOwn(result, name))
        noteFault(walk, 'FIELD_DUPLICATED', `is given twice, as ${name} in two spellings`);
      else result[name] = element ? element(value, walk) : value;
      walk.path.pop();
    }
    return result;
  };
}

function scalarConverter(scalar: ScalarType): Canonicalise | undefined {
  switch (scalar) {
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
    case ScalarType.DOUBLE:
      return numberOf;
    case ScalarType.FLOAT:
      return floatOf;
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return digitsOf;
    default:
      return undefined;
  }
}

const numberOf: Canonicalise = (json) => {
  if (typeof json !== 'string' || !NUMBER.test(json)) return json;
  const value = Number(json);
  return Number.isFinite(value) ? value : json;
};

/** A float as the wire holds it, so that its rules say the same here and at the service. */
const floatOf: Canonicalise = (json, walk) => {
  const value = numberOf(json, walk);
  if (typeof value !== 'number') return value;
  const float = Math.fround(value);
  return Number.isFinite(float) ? float : value;
};

const digitsOf: Canonicalise = (json, walk) => {
  if (typeof json !== 'number' || !Number.isInteger(json)) return json;
  if (walk.inexact?.has(json)) {
    noteFault(walk, 'NUMBER_INEXACT', 'has more digits than a JSON number holds exactly; send it as a string');
  }
  return BigInt(json).toString();
};
