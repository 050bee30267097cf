import { create, type DescField, type DescMessage, getOption } from '@bufbuild/protobuf';
import type { Validator } from '@bufbuild/protovalidate';
import {
  type FieldRules,
  FieldRulesSchema,
  field as fieldRules,
  Ignore,
  message as messageRules,
} from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import type { JsonSchema } from './json-schema.ts';
import { containerRules, valueRules } from './rules.ts';
import {
  enumSchema,
  hasOwnSchema,
  mapKeySchema,
  messageValueSchema,
  scalarSchema,
  type ValueSchema,
} from './values.ts';

/** The name of a message's schema where the rules of the message are ignored. */
export const UNRULED = '-unruled';

interface Wanted {
  readonly message: DescMessage;
  readonly ruled: boolean;
}

/**
 * Derives the JSON Schemas of messages and of all that they contain, from their descriptors and `buf.validate` rules, in the
 * canonical form that `canonicaliser` leaves. Each is named by the message's full name; a message that stands where its rules
 * are ignored (`IGNORE_ALWAYS`) has one without rules as well.
 * @throws Error when the rules of a message cannot be compiled.
 */
export function messageSchemas(roots: readonly DescMessage[], validator: Validator): ReadonlyMap<string, JsonSchema> {
  const schemas = new Map<string, JsonSchema>();
  const pending: Wanted[] = roots.filter(hasOwnSchema).map((message) => ({ message, ruled: true }));
  for (let wanted = pending.pop(); wanted; wanted = pending.pop()) {
    const id = schemaId(wanted);
    if (schemas.has(id)) continue;
    schemas.set(id, messageSchema(wanted, validator));
    pending.push(...innerMessages(wanted));
  }
  return schemas;
}

function innerMessages({ message, ruled }: Wanted): Wanted[] {
  return message.fields.flatMap((field) => {
    if (!field.message || !hasOwnSchema(field.message)) return [];
    return [{ message: field.message, ruled: ruled && !isIgnored(valueRulesOf(field)) }];
  });
}

function schemaId({ message, ruled }: Wanted): string {
  return `${message.typeName}${ruled ? '' : UNRULED}`;
}

function messageSchema({ message, ruled }: Wanted, validator: Validator): JsonSchema {
  const optional = new Set(getOption(message, messageRules).oneof.flatMap(({ fields }) => fields));
  const schemaOf = (field: DescField) =>
    ruled
      ? fieldSchema(field, getOption(field, fieldRules), optional.has(field.name))
      : fieldSchema(field, NO_RULES, false);
  const properties = message.fields.map((field) => [field.jsonName, schemaOf(field)]);
  const required = ruled ? requiredFields(message, validator) : [];
  return {
    $id: schemaId({ message, ruled }),
    type: 'object',
    properties: Object.fromEntries(properties) as Record<string, JsonSchema>,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

const NO_RULES = create(FieldRulesSchema, { ignore: Ignore.ALWAYS });

/** The rules of a field's value, or of the values in its list or map. */
function valueRulesOf(field: DescField): FieldRules {
  const rules = getOption(field, fieldRules);
  if (isIgnored(rules)) return rules;
  if (rules.type.case === 'repeated') return rules.type.value.items ?? rules;
  return rules.type.case === 'map' ? (rules.type.value.values ?? rules) : rules;
}

/** The fields that an empty message breaks a rule for: those that must be given. */
function requiredFields(message: DescMessage, validator: Validator): string[] {
  const result = validator.validate(message, create(message));
  if (result.kind === 'error')
    throw new Error(`the rules of ${message.typeName} do not compile`, { cause: result.error });
  const names = (result.violations ?? []).flatMap(({ field: [first, ...more] }) =>
    first?.kind === 'field' && more.length === 0 ? [first.jsonName] : [],
  );
  return [...new Set(names)];
}

function fieldSchema(field: DescField, rules: FieldRules, ignoredWhenZero: boolean): JsonSchema {
  switch (field.fieldKind) {
    case 'list':
      return listSchema(field, rules);
    case 'map':
      return mapSchema(field, rules);
    default:
      return withRules(singularSchema(field, rules), rules, ignoredWhenZero);
  }
}

function listSchema(field: DescField & { fieldKind: 'list' }, rules: FieldRules): JsonSchema {
  const inner = isIgnored(rules) ? rules : rules.type.case === 'repeated' ? rules.type.value.items : undefined;
  return { type: 'array', items: withRules(singularSchema(field, inner), inner, false), ...whole(rules, 'array') };
}

function mapSchema(field: DescField & { fieldKind: 'map' }, rules: FieldRules): JsonSchema {
  const inner = isIgnored(rules) ? rules : rules.type.case === 'map' ? rules.type.value.values : undefined;
  return {
    type: 'object',
    propertyNames: mapKeySchema(field.mapKey),
    additionalProperties: withRules(singularSchema(field, inner), inner, false),
    ...whole(rules, 'object'),
  };
}

/** The rules of a list or map as a whole, which may make an exception for an empty one. */
function whole(rules: FieldRules, type: 'array' | 'object'): JsonSchema {
  if (isIgnored(rules)) return {};
  const schema = containerRules(rules.type);
  if (rules.ignore !== Ignore.IF_ZERO_VALUE || Object.keys(schema).length === 0) return schema;
  return { if: type === 'array' ? { maxItems: 0 } : { maxProperties: 0 }, else: schema };
}

/** The schema of a field's value, or of the values in its list or map. */
function singularSchema({ message, enum: desc, scalar }: DescField, rules: FieldRules | undefined): ValueSchema {
  if (message) return messageValueSchema(message);
  if (desc) return enumSchema(desc, rules?.type.case === 'enum' && rules.type.value.definedOnly && !isIgnored(rules));
  return scalarSchema(scalar);
}

function isIgnored(rules: FieldRules): boolean {
  return rules.ignore === Ignore.ALWAYS;
}

/** Adds the rules of a value to its schema: merged, or but for the zero value where they make that exception. */
function withRules({ schema, zero }: ValueSchema, rules: FieldRules | undefined, ignoredWhenZero: boolean): JsonSchema {
  if (schema.$ref !== undefined) return rules && isIgnored(rules) ? unruled(schema.$ref) : schema;
  if (!rules || isIgnored(rules)) return schema;
  const added = valueRules(rules.type);
  if (Object.keys(added).length === 0) return schema;
  const exempt = zero !== undefined && (ignoredWhenZero || rules.ignore === Ignore.IF_ZERO_VALUE);
  return exempt ? { ...schema, if: { const: zero }, else: added } : { ...schema, ...tighten(schema, added) };
}

function unruled(reference: string): JsonSchema {
  return { $ref: `${reference.slice(0, -1)}${UNRULED}#` };
}

/** Keeps the tighter of two bounds: those of the type and those of the rules. */
function tighten(schema: JsonSchema, added: JsonSchema): JsonSchema {
  return {
    ...added,
    ...(schema.minimum !== undefined && { minimum: Math.max(schema.minimum, added.minimum ?? schema.minimum) }),
    ...(schema.maximum !== undefined && { maximum: Math.min(schema.maximum, added.maximum ?? schema.maximum) }),
  };
}
