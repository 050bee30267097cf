import { type DescField, type DescMessage, isFieldSet } from '@bufbuild/protobuf';
import {
  type FieldRules,
  type StringRules,
  StringRulesSchema,
} from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import type { JsonSchema } from '../../transcoding/schema/json-schema.ts';
import { DURATION_SECONDS_MAX, durationForm, FORMS, integerForm } from './forms.ts';

/** The rules of one value that validation leaves to protovalidate and that a schema has words for all the same. */
export function enforcedRules(field: DescField, schema: JsonSchema, rules: FieldRules): JsonSchema {
  const { type } = rules;
  switch (type.case) {
    case 'int64':
    case 'uint64':
    case 'sint64':
    case 'fixed64':
    case 'sfixed64':
      return longRules(type.value as LongRules, schema.format === 'uint64');
    case 'string':
      return stringRules(type.value);
    case 'bytes':
      return lengthsOfBase64(type.value.len || type.value.minLen, type.value.len || type.value.maxLen);
    case 'enum':
      return enumRules(field, schema, type.value);
    case 'duration':
      return durationRules(type.value);
    default:
      return field.message ? amountRules(field.message, rules) : {};
  }
}

type LongRules = Extract<FieldRules['type'], { case: 'int64' }>['value'];
type DurationRules = Extract<FieldRules['type'], { case: 'duration' }>['value'];
type EnumRules = Extract<FieldRules['type'], { case: 'enum' }>['value'];

function longRules({ greaterThan: low, lessThan: high, in: allowed }: LongRules, unsigned: boolean): JsonSchema {
  const [from, to] = unsigned ? [0n, 2n ** 64n - 1n] : [-(2n ** 63n), 2n ** 63n - 1n];
  const least = low.case === undefined ? from : low.case === 'gt' ? low.value + 1n : low.value;
  const most = high.case === undefined ? to : high.case === 'lt' ? high.value - 1n : high.value;
  if (allowed.length > 0) return { enum: [...new Set(allowed.map(String))] };
  // Bounds that cross mean "outside of".
  return (low.case === undefined && high.case === undefined) || least > most ? {} : integerForm(least, most);
}

/** Only ranges of whole seconds: others stand in `x-buf-validate`. */
function durationRules({ greaterThan: low, lessThan: high }: DurationRules): JsonSchema {
  const least = low.case === 'gte' && low.value.nanos === 0 ? low.value.seconds : -DURATION_SECONDS_MAX;
  const most = high.case === 'lte' && high.value.nanos === 0 ? high.value.seconds : DURATION_SECONDS_MAX;
  return least > most ? {} : durationForm(least, most);
}

function stringRules(rules: StringRules): JsonSchema {
  const { prefix, suffix, contains, notContains, maxBytes, lenBytes, notIn, wellKnown } = rules;
  const bytes = Number(lenBytes || maxBytes);
  const refused = [
    ...(notContains ? [{ pattern: escaped(notContains) }] : []),
    ...(notIn.length > 0 ? [{ enum: [...notIn] }] : []),
  ];
  const patterns = [
    ...(prefix ? [`^${escaped(prefix)}`] : []),
    ...(suffix ? [`${escaped(suffix)}$`] : []),
    ...(contains ? [escaped(contains)] : []),
    ...(wellKnown.case === 'email' && wellKnown.value ? [FORMS.email?.pattern ?? ''] : []),
  ];
  return {
    ...(patterns.length > 0 && { allOf: patterns.map((pattern) => ({ pattern })) }),
    ...(refused.length > 0 && { not: { anyOf: refused } }),
    // A text has no more characters than bytes.
    ...(bytes > 0 && !isFieldSet(rules, StringRulesSchema.field.maxLen) && { maxLength: bytes }),
  };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Padded or not: four characters for three bytes. */
function lengthsOfBase64(least: bigint, most: bigint): JsonSchema {
  return {
    ...(least > 0n && { minLength: Math.ceil((Number(least) * 4) / 3) }),
    ...(most > 0n && { maxLength: Math.ceil(Number(most) / 3) * 4 }),
  };
}

/** The names and numbers that the rules leave of an enum. */
function enumRules({ enum: desc }: DescField, schema: JsonSchema, rules: EnumRules): JsonSchema {
  const { in: allowed, notIn, definedOnly } = rules;
  if (!desc || (allowed.length === 0 && notIn.length === 0)) return {};
  const values = desc.values.filter(({ number }) => allowed.length === 0 || allowed.includes(number));
  const left = values.filter(({ number }) => !notIn.includes(number));
  const names = [...new Set(left.flatMap(({ name, jsonName }) => [jsonName, name]))];
  const numbers =
    allowed.length > 0 ? allowed.filter((each) => !notIn.includes(each)) : left.map(({ number }) => number);
  if (allowed.length > 0 || definedOnly || schema.enum)
    return { enum: [...names, ...new Set(numbers)], 'x-enum': names };
  return { pattern: `^(${names.join('|')})$`, 'x-enum': names, not: { enum: [...notIn] } };
}

const AMOUNT = /^this\.(\w+) >= (-?\d+) && this\.\1 <= (-?\d+)$/;

/** What rules in CEL say of the range of a 64-bit integer in the message: that of an amount of money. */
function amountRules(message: DescMessage, { cel }: FieldRules): JsonSchema {
  const ranges = cel.flatMap(({ expression }) => {
    const [, name, least = '', most = ''] = AMOUNT.exec(expression) ?? [];
    const field = message.fields.find((each) => each.name === name);
    return field ? [[field.jsonName, integerForm(BigInt(least), BigInt(most))] as const] : [];
  });
  return ranges.length === 0 ? {} : { properties: Object.fromEntries(ranges) };
}
