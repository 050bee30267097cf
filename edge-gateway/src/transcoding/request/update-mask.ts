import {
  create,
  type DescField,
  type DescMessage,
  getOption,
  type JsonObject,
  type JsonValue,
} from '@bufbuild/protobuf';
import { FieldMaskSchema } from '@bufbuild/protobuf/wkt';
import { FieldBehavior, field_behavior as fieldBehavior } from '@malla/proto/google/api/field_behavior.pb';
import { isObject } from '../json/json-walk.ts';
import type { Binding } from '../routing/binding.ts';
import type { MessagePart } from './encode-message.ts';

/** The field mask of an update, and the resource that it describes (AIP-134). */
export interface MaskTarget {
  readonly field: DescField & { readonly fieldKind: 'message' };
  readonly resource: DescMessage;
}

/** The `update_mask` of a `PATCH` whose body is a resource; undefined when the binding is no such update. */
export function maskTargetOf({ httpMethod, body, rpc }: Binding): MaskTarget | undefined {
  if (httpMethod !== 'PATCH' || typeof body !== 'object' || body.fieldKind !== 'message') return undefined;
  const field = rpc.method.input.fields.find(({ name }) => name === 'update_mask');
  if (field?.fieldKind !== 'message' || field.message.typeName !== 'google.protobuf.FieldMask') return undefined;
  return { field, resource: body.message };
}

/** The mask that follows from the body of an update; undefined when the client gave one or there is no body to follow. */
export function deriveMask(
  { field, resource }: MaskTarget,
  request: JsonObject,
  body: object | undefined,
): MessagePart | undefined {
  const sent = body && 'value' in body ? (body.value as JsonValue) : undefined;
  if (!isObject(sent) || request[field.jsonName] !== undefined) return undefined;
  return { field, value: create(FieldMaskSchema, { paths: maskPathsOf(resource, sent) }) };
}

/**
 * The paths, in proto names, of the fields that a body sets or, by null, clears. Messages are entered, so that only what was
 * sent changes; an empty one, lists and maps change as a whole. Fields that a client cannot change, and the etag, are left
 * out, and so is a message with nothing but those.
 */
function maskPathsOf(resource: DescMessage, body: JsonObject, prefix = ''): string[] {
  return Object.keys(body).flatMap((name) => {
    const field = resource.fields.find((each) => each.name === name || each.jsonName === name);
    if (!field || !isUpdatable(field)) return [];
    const path = `${prefix}${field.name}`;
    const value = body[name];
    const enter = field.fieldKind === 'message' && isObject(value) && !field.message.typeName.startsWith('google.');
    return enter && Object.keys(value).length > 0 ? maskPathsOf(field.message, value, `${path}.`) : [path];
  });
}

function isUpdatable(field: DescField): boolean {
  const behaviors = getOption(field, fieldBehavior);
  return (
    field.name !== 'etag' &&
    !behaviors.includes(FieldBehavior.OUTPUT_ONLY) &&
    !behaviors.includes(FieldBehavior.IDENTIFIER)
  );
}
