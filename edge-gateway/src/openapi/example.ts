import {
  type DescField,
  type DescMessage,
  getOption,
  type JsonObject,
  type JsonValue,
  type Registry,
} from '@bufbuild/protobuf';
import { field as fieldRules, message as messageRules } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import { FieldBehavior, field_behavior as fieldBehavior } from '@malla/proto/google/api/field_behavior.pb';
import type { JsonSchema } from '../transcoding/schema/json-schema.ts';
import { UNRULED } from '../transcoding/schema/message-schema.ts';
import { exampleText } from './example-text.ts';

/** The extent of an example: the required fields, the fields that a client can set, or all fields. */
export type Extent = 'required' | 'settable' | 'all';

/** The schemas of messages, by name, and their descriptors. */
export interface Messages {
  readonly schemas: ReadonlyMap<string, JsonSchema>;
  readonly registry: Registry;
}

const DEPTH_MAX = 4;

/** A value that a derived schema takes: always the same. Undefined where nothing can be said. */
export function exampleOf(schema: JsonSchema, messages: Messages, extent: Extent, depth = 0): JsonValue | undefined {
  if (schema.$ref) return exampleOfMessage(schema.$ref.replace(/#$/, ''), messages, extent, depth);
  const { type, else: rules, ...own } = schema;
  if (rules) return exampleOf({ ...own, ...(type && { type }), ...rules }, messages, extent, depth);
  if (schema.const !== undefined) return schema.const;
  const names = schema['x-enum'] ?? schema.enum;
  // The first name of an enum is the one for nothing chosen.
  if (names) return names[1] ?? names[0];
  switch (typeof type === 'string' ? type : type?.[0]) {
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return exampleNumber(schema);
    case 'string':
      return exampleText(schema);
    case 'array':
      return exampleList(schema, messages, extent, depth);
    case 'object':
      return {};
  }
  return undefined;
}

/** The example of a message, by its name. */
export function exampleOfMessage(
  name: string,
  messages: Messages,
  extent: Extent,
  depth = 0,
  without: ReadonlySet<string> = new Set(),
): JsonObject {
  const { properties = {}, required = [] } = messages.schemas.get(name) ?? {};
  const message = messages.registry.getMessage(name.replace(UNRULED, ''));
  const shown = shownFields(message, extent);
  const wanted = (member: string) =>
    required.includes(member) || (extent !== 'required' && depth < DEPTH_MAX && shown.has(member));
  const members = Object.entries(properties)
    .filter(([member]) => wanted(member) && !without.has(member))
    .map(([member, schema]) => {
      const allowed = allowedName(message?.fields.find(({ jsonName }) => jsonName === member));
      return [member, allowed ?? exampleOf(schema, messages, extent, depth + 1)] as const;
    });
  return Object.fromEntries(members.filter(([, value]) => value !== undefined)) as JsonObject;
}

/** The first of the enum values that a rule picks out, which a schema does not tell. */
function allowedName(field: DescField | undefined): string | undefined {
  if (field?.fieldKind !== 'enum') return undefined;
  const { type } = getOption(field, fieldRules);
  return type.case === 'enum' ? field.enum.value[type.value.in[0] ?? Number.NaN]?.name : undefined;
}

/** Of those that exclude each other, the first. */
function shownFields(message: DescMessage | undefined, extent: Extent): ReadonlySet<string> {
  const exclusive = message ? getOption(message, messageRules).oneof.map(({ fields }) => fields) : [];
  const shown = message?.fields.filter((field) => {
    if (extent === 'settable' && getOption(field, fieldBehavior).includes(FieldBehavior.OUTPUT_ONLY)) return false;
    return (field.oneof?.fields[0] ?? field) === field && !exclusive.some((names) => names.indexOf(field.name) > 0);
  });
  return new Set(shown?.map(({ jsonName }) => jsonName));
}

function exampleList(schema: JsonSchema, messages: Messages, extent: Extent, depth: number): JsonValue[] {
  const { items, minItems = 0 } = schema;
  const item = items && depth < DEPTH_MAX ? exampleOf(items, messages, extent, depth) : undefined;
  const count = Math.max(minItems, extent === 'required' ? 0 : 1);
  return item === undefined ? [] : Array.from({ length: count }, () => item);
}

function exampleNumber(schema: JsonSchema): number {
  const least = Math.max(schema.minimum ?? -Infinity, (schema.exclusiveMinimum ?? -Infinity) + 1);
  const most = Math.min(schema.maximum ?? Infinity, (schema.exclusiveMaximum ?? Infinity) - 1);
  return Math.min(Math.max(10, least), most);
}
