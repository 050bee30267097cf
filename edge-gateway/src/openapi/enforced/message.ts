import { type DescField, type DescMessage, type DescOneof, getOption } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence as Presence } from '@bufbuild/protobuf/wkt';
import { message as messageRules, oneof as oneofRules } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import type { JsonSchema } from '../../transcoding/schema/json-schema.ts';
import { zeroJson } from '../../transcoding/schema/values.ts';

interface Exclusive {
  readonly fields: readonly DescField[];
  /** True when one of them has to be set. */
  readonly required: boolean;
}

/**
 * What a message may not be: with two members of a oneof, or with none of one that has to be set. A single `not`, which
 * generators of code pass over, where `oneOf` would make them a type for each member.
 * @param given whether the schema has the field; the others are set elsewhere, as in the path.
 * @param ruled whether the message's rules count, besides its oneofs.
 */
export function exclusion(message: DescMessage, given: (field: DescField) => boolean, ruled: boolean): JsonSchema {
  const groups = [...message.oneofs.map((oneof) => ofOneof(oneof, ruled)), ...(ruled ? ofRules(message) : [])];
  const refused = groups.flatMap(({ fields, required }) => {
    const here = fields.filter(given);
    const pairs = here.flatMap((field, at) => here.slice(at + 1).map((other) => allOf([isSet(field), isSet(other)])));
    const none = required && here.length === fields.length ? [allOf(here.map((field) => ({ not: isSet(field) })))] : [];
    return [...pairs, ...none];
  });
  const [only, ...others] = refused;
  if (!only) return {};
  return { not: others.length === 0 ? only : { anyOf: refused } };
}

function ofOneof(oneof: DescOneof, ruled: boolean): Exclusive {
  return { fields: oneof.fields, required: ruled && getOption(oneof, oneofRules).required };
}

/** Those of `buf.validate`: its own oneofs, and rules in CEL that of two fields one is not set. */
function ofRules(message: DescMessage): Exclusive[] {
  const { oneof, cel } = getOption(message, messageRules);
  const named = (names: readonly (string | undefined)[]) =>
    names.flatMap((name) => message.fields.find((field) => field.name === name) ?? []);
  const pairs = cel.map(({ expression }) => named(expression.split(' || ').map((term) => UNSET.exec(term)?.[1])));
  return [
    ...oneof.map(({ fields, required }) => ({ fields: named(fields), required })),
    ...pairs
      .filter(({ length }, at) => length === 2 && cel[at]?.expression.split(' || ').length === 2)
      .map((fields) => ({ fields, required: false })),
  ];
}

/** The CEL expressions for a field that is not set: `!has(this.amount)`, `this.lines.size() == 0`, `!this.restock`. */
const UNSET = /^(?=!has\(this\.\w+\)$|this\.\w+\.size\(\) == 0$|!this\.\w+$).*?this\.(\w+)/;

function allOf(schemas: readonly JsonSchema[]): JsonSchema {
  const plain = schemas.every(({ properties, not }) => !properties && !not);
  return plain ? { required: schemas.flatMap(({ required = [] }) => required) } : { allOf: schemas };
}

/** A message that has the field, and not at the value that means that it is not set. */
function isSet(field: DescField): JsonSchema {
  const required = [field.jsonName];
  const properties = (schema: JsonSchema) => ({ required, properties: { [field.jsonName]: schema } });
  if (field.fieldKind === 'list') return properties({ minItems: 1 });
  if (field.fieldKind === 'map') return properties({ minProperties: 1 });
  if (field.presence !== Presence.IMPLICIT) return { required };
  const { number, jsonName } = field.enum?.values[0] ?? {};
  const zeros = [zeroJson(field), ...(jsonName ? [jsonName] : []), ...(number === undefined ? [] : [number])];
  return properties({ not: { enum: [...new Set(zeros)] } });
}
