import { create, type DescField, getOption, type JsonValue } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence as Presence } from '@bufbuild/protobuf/wkt';
import {
  type FieldRules,
  FieldRulesSchema,
  field as fieldRules,
  Ignore,
  message as messageRules,
} from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import type { JsonSchema } from '../../transcoding/schema/json-schema.ts';
import { zeroJson } from '../../transcoding/schema/values.ts';
import { FORMS } from './forms.ts';
import { enforcedRules } from './value-rules.ts';

const NONE = create(FieldRulesSchema);

/**
 * The schema of a field with everything that is enforced and that a schema has words for. Validation itself does with less: what it
 * leaves out is checked on the message. `ruled` is false where the rules of the message are ignored.
 */
export function enforcedField(field: DescField, schema: JsonSchema, ruled: boolean): JsonSchema {
  const own = ruled ? getOption(field, fieldRules) : NONE;
  const rules = own.ignore === Ignore.ALWAYS ? NONE : own;
  if (field.fieldKind === 'list') return enforcedList(field, schema, rules);
  if (field.fieldKind === 'map') return enforcedMap(field, schema, rules);
  const needed = rules.required && field.presence === Presence.IMPLICIT ? notZero(field, schema) : {};
  const value = enforcedValue(field, schema, rules, isExempt(field, rules));
  return Object.keys(needed).length > 0 ? added(value, needed) : value;
}

function enforcedList(field: DescField & { fieldKind: 'list' }, schema: JsonSchema, rules: FieldRules): JsonSchema {
  const repeated = rules.type.case === 'repeated' ? rules.type.value : undefined;
  return {
    ...schema,
    items: enforcedValue(field, schema.items ?? {}, repeated?.items ?? NONE, false),
    ...(rules.required && { minItems: Math.max(1, schema.minItems ?? 0) }),
    ...(repeated?.unique && { uniqueItems: true }),
  };
}

function enforcedMap(field: DescField & { fieldKind: 'map' }, schema: JsonSchema, rules: FieldRules): JsonSchema {
  const map = rules.type.case === 'map' ? rules.type.value : undefined;
  const values = schema.additionalProperties;
  const { propertyNames } = schema;
  const keys = map?.keys?.type.case === 'string' ? enforcedRules(field, {}, map.keys) : {};
  return {
    ...schema,
    ...(propertyNames && { propertyNames: added({ ...propertyNames, ...FORMS[propertyNames.format ?? ''] }, keys) }),
    additionalProperties:
      typeof values === 'object' ? enforcedValue(field, values, map?.values ?? NONE, false) : (values ?? true),
    ...(rules.required && { minProperties: Math.max(1, schema.minProperties ?? 0) }),
  };
}

/** Returns true when the rules do not apply to the zero value. */
function isExempt(field: DescField, { ignore }: FieldRules): boolean {
  const oneofs = getOption(field.parent, messageRules).oneof;
  return ignore === Ignore.IF_ZERO_VALUE || oneofs.some(({ fields }) => fields.includes(field.name));
}

function enforcedValue(field: DescField, schema: JsonSchema, rules: FieldRules, exempt: boolean): JsonSchema {
  const form = field.enum ? {} : FORMS[schema.format ?? ''];
  const formed = { ...form, ...schema };
  const more = rules.ignore === Ignore.ALWAYS ? {} : enforcedRules(field, schema, rules);
  if (Object.keys(more).length === 0) return formed;
  if (!exempt || field.message) return added(formed, more);
  return { ...formed, if: schema.if ?? { const: zeroJson(field) }, else: added(schema.else ?? {}, more) };
}

/** Adds rules to a schema; the patterns of both hold, but for those of numbers, which are narrower. */
function added(schema: JsonSchema, more: JsonSchema): JsonSchema {
  const both = [...(schema.allOf ?? []), ...(more.allOf ?? [])];
  return { ...schema, ...more, ...(both.length > 0 && { allOf: both }) };
}

/** The value that a required field must not have, where the field cannot be absent. */
function notZero({ enum: desc, scalar, ...field }: DescField, schema: JsonSchema): JsonSchema {
  const { name = '', number = 0, jsonName = '' } = desc?.values[0] ?? {};
  const zeros: JsonValue[] = desc ? [...new Set([jsonName, name, number])] : [];
  if (desc && schema.enum) return { enum: schema.enum.filter((each) => !zeros.includes(each as string)) };
  if (desc) return { not: { enum: zeros } };
  if (schema.type === 'string' && schema.format === undefined) return { minLength: Math.max(1, schema.minLength ?? 0) };
  return { not: { const: zeroJson({ ...field, enum: desc, scalar } as DescField) } };
}
