import { type DescEnum, type DescField, type DescMessage, type JsonValue, ScalarType } from '@bufbuild/protobuf';
import { isWrapperDesc } from '@bufbuild/protobuf/wkt';
import type { JsonSchema } from './json-schema.ts';

const INT32_MAX = 2 ** 31 - 1;
const FLOAT_MAX = 3.4028234663852886e38;

/** A value's schema without any rules, and its zero value, where the rules may make an exception for it. */
export interface ValueSchema {
  readonly schema: JsonSchema;
  readonly zero: JsonValue | undefined;
}

/** The canonical JSON of a scalar. */
export function scalarSchema(scalar: ScalarType): ValueSchema {
  switch (scalar) {
    case ScalarType.BOOL:
      return { schema: { type: 'boolean' }, zero: false };
    case ScalarType.STRING:
      return { schema: { type: 'string' }, zero: '' };
    case ScalarType.BYTES:
      return { schema: { type: 'string', format: 'byte' }, zero: '' };
    case ScalarType.FLOAT:
      return {
        schema: { type: ['number', 'string'], format: 'float', minimum: -FLOAT_MAX, maximum: FLOAT_MAX },
        zero: 0,
      };
    case ScalarType.DOUBLE:
      return { schema: { type: ['number', 'string'], format: 'double' }, zero: 0 };
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return { schema: { type: 'integer', format: 'uint32', minimum: 0, maximum: 2 ** 32 - 1 }, zero: 0 };
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return { schema: { type: 'string', format: 'uint64' }, zero: '0' };
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return { schema: { type: 'string', format: 'int64' }, zero: '0' };
    default:
      return { schema: { type: 'integer', format: 'int32', minimum: -INT32_MAX - 1, maximum: INT32_MAX }, zero: 0 };
  }
}

/** The JSON of a map's key, which is always a string. */
export function mapKeySchema(scalar: ScalarType): JsonSchema {
  const { format } = scalarSchema(scalar).schema;
  if (scalar === ScalarType.BOOL) return { enum: ['true', 'false'] };
  return format === undefined ? {} : { format: format.endsWith('64') ? format : `${format}-key` };
}

/** An enum: its names and, when it is open, any 32-bit number. */
export function enumSchema(desc: DescEnum, definedOnly: boolean): ValueSchema {
  if (desc.typeName === 'google.protobuf.NullValue')
    return { schema: { enum: [null, 'NULL_VALUE', 0], 'x-enum': ['NULL_VALUE'] }, zero: null };
  const names = [...new Set(desc.values.flatMap(({ name, jsonName }) => [jsonName, name]))];
  const numbers = [...new Set(desc.values.map(({ number }) => number))];
  const zero = desc.values[0]?.name;
  const type = ['string', 'integer'];
  if (definedOnly || !desc.open) return { schema: { type, enum: [...names, ...numbers], 'x-enum': names }, zero };
  const range = { minimum: -INT32_MAX - 1, maximum: INT32_MAX };
  return { schema: { type, format: 'int32', ...range, pattern: `^(${names.join('|')})$`, 'x-enum': names }, zero };
}

const WELL_KNOWN: Readonly<Record<string, JsonSchema>> = {
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
  'google.protobuf.Duration': { type: 'string', format: 'google-duration' },
  'google.protobuf.FieldMask': { type: 'string', format: 'google-fieldmask' },
  'google.protobuf.Struct': { type: 'object' },
  'google.protobuf.ListValue': { type: 'array' },
  'google.protobuf.Value': {},
  'google.protobuf.Any': { type: 'object', properties: { '@type': { type: 'string' } }, additionalProperties: true },
};

/** A message: by reference, or in the form of its own that the mapping gives it. */
export function messageValueSchema(message: DescMessage): ValueSchema {
  if (isWrapperDesc(message)) return scalarSchema(message.fields[0].scalar);
  return { schema: WELL_KNOWN[message.typeName] ?? { $ref: `${message.typeName}#` }, zero: undefined };
}

const WELL_KNOWN_ZERO: Readonly<Record<string, JsonValue>> = {
  'google.protobuf.Timestamp': '1970-01-01T00:00:00Z',
  'google.protobuf.Duration': '0s',
  'google.protobuf.FieldMask': '',
  'google.protobuf.ListValue': [],
  'google.protobuf.Value': null,
};

/** The JSON of an empty value of a field, or of an empty element or value where the field is a list or map. */
export function zeroJson({ message, enum: desc, scalar }: DescField): JsonValue {
  if (desc) return enumSchema(desc, false).zero as JsonValue;
  if (!message) return scalarSchema(scalar as ScalarType).zero as JsonValue;
  const { zero = WELL_KNOWN_ZERO[message.typeName] } = messageValueSchema(message);
  return zero === undefined ? {} : zero;
}

/** Returns true when schemas refer to the messages of a type, which has a schema of its own. */
export function hasOwnSchema(message: DescMessage): boolean {
  return !isWrapperDesc(message) && WELL_KNOWN[message.typeName] === undefined;
}
