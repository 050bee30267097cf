import { isFieldSet } from '@bufbuild/protobuf';
import { type FieldRules, StringRulesSchema } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import type { JsonSchema } from './json-schema.ts';

type TypeRules = FieldRules['type'];
type NumberRules = Extract<TypeRules, { case: 'int32' | 'uint32' | 'double' }>['value'];
type StringRules = Extract<TypeRules, { case: 'string' }>['value'];

/**
 * What JSON Schema can say of the standard rules of one value. The rest (CEL, prefixes, bytes, 64-bit ranges, times, and
 * formats, whose exact meaning is protovalidate's own) is left to protovalidate, which checks everything on the message.
 */
export function valueRules(type: TypeRules): JsonSchema {
  switch (type.case) {
    case 'float':
    case 'double':
    case 'int32':
    case 'uint32':
    case 'sint32':
    case 'fixed32':
    case 'sfixed32':
      return numberRules(type.value as NumberRules);
    case 'string':
      return stringRules(type.value);
    default:
      return {};
  }
}

/** The rules of a list or map as a whole. */
export function containerRules(type: TypeRules): JsonSchema {
  if (type.case === 'repeated') {
    const { minItems, maxItems } = type.value;
    return {
      ...(minItems > 0n && { minItems: Number(minItems) }),
      ...(maxItems > 0n && { maxItems: Number(maxItems) }),
    };
  }
  if (type.case === 'map') {
    const { minPairs, maxPairs } = type.value;
    return {
      ...(minPairs > 0n && { minProperties: Number(minPairs) }),
      ...(maxPairs > 0n && { maxProperties: Number(maxPairs) }),
    };
  }
  return {};
}

function numberRules({ greaterThan: low, lessThan: high, in: allowed }: NumberRules): JsonSchema {
  // Bounds that cross mean "outside of", which minimum and maximum cannot say.
  const crossed = low.case !== undefined && high.case !== undefined && low.value >= high.value;
  return {
    ...(!crossed && low.case === 'gt' && { exclusiveMinimum: low.value }),
    ...(!crossed && low.case === 'gte' && { minimum: low.value }),
    ...(!crossed && high.case === 'lt' && { exclusiveMaximum: high.value }),
    ...(!crossed && high.case === 'lte' && { maximum: high.value }),
    ...(allowed.length > 0 && { enum: [...new Set(allowed)] }),
  };
}

/** The formats whose JSON Schema name is well known. They inform; protovalidate decides. */
const STRING_FORMATS: Readonly<Record<string, string>> = {
  email: 'email',
  hostname: 'hostname',
  ipv4: 'ipv4',
  ipv6: 'ipv6',
  uri: 'uri',
  uriRef: 'uri-reference',
  uuid: 'uuid',
};

/** The names of the formats that inform only. */
export const INFORMATIVE_FORMATS: readonly string[] = Object.values(STRING_FORMATS);

function stringRules(rules: StringRules): JsonSchema {
  const { len, minLen, maxLen, pattern, wellKnown } = rules;
  const format = wellKnown.case && wellKnown.value ? STRING_FORMATS[wellKnown.case] : undefined;
  const least = len || minLen;
  const most = len || maxLen;
  return {
    ...(least > 0n && { minLength: Number(least) }),
    ...(most > 0n && { maxLength: Number(most) }),
    ...(pattern && { pattern }),
    ...(format && { format }),
    ...(rules.in.length > 0 && { enum: [...new Set(rules.in)] }),
    ...(isFieldSet(rules, StringRulesSchema.field.const) && { const: rules.const }),
  };
}
