import {
  type DescField,
  type DescMessage,
  getOption,
  type JsonObject,
  type JsonValue,
  type Registry,
  toJson,
} from '@bufbuild/protobuf';
import { FieldRulesSchema, field as fieldRules } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import { FieldBehavior, field_behavior as fieldBehavior } from '@malla/proto/google/api/field_behavior.pb';
import type { JsonSchema } from '../transcoding/schema/json-schema.ts';
import { UNRULED } from '../transcoding/schema/message-schema.ts';
import type { Comments } from './comments.ts';
import { enforcedField } from './enforced/field.ts';
import { exclusion } from './enforced/message.ts';
import { headersOf } from './headers.ts';
import type { Described } from './parameters.ts';

const RULES = '#/components/schemas/';

/**
 * The schema of a message as the document has it: the one that requests are validated by, with the rules that are checked later
 * and with what people want to know. Of a oneof that the path sets a member of, no other is left.
 */
export function documentedSchema(schema: JsonSchema, registry: Registry, comments: Comments): JsonObject {
  const { $id: name = '', properties = {}, ...rest } = schema;
  const message = registry.getMessage(name.replace(UNRULED, ''));
  const ruled = !name.endsWith(UNRULED);
  const given = (field: DescField) => field.jsonName in properties;
  const documented = Object.entries(properties).flatMap(([jsonName, property]) => {
    const field = message?.fields.find((each) => each.jsonName === jsonName);
    if (!field) return [[jsonName, withReferences(property)] as const];
    if (field.oneof?.fields.every(given) === false) return [];
    return [[jsonName, documentedField(field, property, comments, ruled)] as const];
  });
  const description = comments.get(name);
  return {
    ...(rest as JsonObject),
    ...(description && { description }),
    ...(message && (exclusion(message, given, ruled) as JsonObject)),
    properties: Object.fromEntries(documented),
  };
}

/** The schema of a field, wherever it stands: in a body, in the path or in the query. */
export function documentedField(field: DescField, schema: JsonSchema, comments: Comments, ruled = true): JsonObject {
  const behaviors = getOption(field, fieldBehavior);
  const rules = toJson(FieldRulesSchema, getOption(field, fieldRules)) as JsonObject;
  const description = comments.get(`${field.parent.typeName}.${field.name}`);
  return {
    ...withReferences(enforcedField(field, schema, ruled)),
    ...(description && { description }),
    ...(behaviors.includes(FieldBehavior.OUTPUT_ONLY) && { readOnly: true }),
    ...(field.proto.options?.debugRedact && { 'x-sensitive': true }),
    // Every rule in full, those too that a JSON Schema has no word for.
    ...(Object.keys(rules).length > 0 && { 'x-buf-validate': rules }),
  };
}

/** The location of a message's schema in the document. */
export function referenceTo({ typeName }: DescMessage): JsonObject {
  return { $ref: `${RULES}${typeName}` };
}

/** Points references at the document's own schemas. */
function withReferences(schema: JsonSchema): JsonObject {
  return JSON.parse(JSON.stringify(schema), (key, value: JsonValue) =>
    key === '$ref' && typeof value === 'string' ? `${RULES}${value.replace(/#$/, '')}` : value,
  );
}

/** Raw bytes. */
export const BINARY: JsonObject = { type: 'string', contentMediaType: 'application/octet-stream' };

export const PROBLEM_EXAMPLE: JsonObject = {
  type: 'about:blank',
  title: 'Bad Request',
  status: 400,
  detail: 'The request breaks a rule: email.',
  instance: '/v1/users/register',
  reason: 'MESSAGE_INVALID',
  errors: [{ field: 'email', reason: 'STRING_EMAIL', message: 'must be a valid email address' }],
  request_id: '7f0c5b8e-8a3e-4a55-9d0e-8f1b6a1f3c11',
};

/** The schema of problem details (RFC 9457), and the answer that carries them. */
export const PROBLEM_SCHEMA: JsonObject = {
  type: 'object',
  description: 'Problem details (RFC 9457).',
  required: ['type', 'title', 'status', 'detail', 'instance', 'reason', 'request_id'],
  properties: {
    type: {
      type: 'string',
      format: 'uri-reference',
      description: 'Always about:blank: the reason tells problems apart.',
    },
    title: { type: 'string', description: 'The HTTP status in words.' },
    status: { type: 'integer', description: 'The HTTP status.' },
    detail: { type: 'string', description: 'What went wrong, for people.' },
    instance: { type: 'string', format: 'uri-reference', description: 'The path of the request.' },
    reason: { type: 'string', pattern: '^[A-Z][A-Z0-9_]*$', description: 'What went wrong, for programs. Stable.' },
    errors: {
      type: 'array',
      description: 'The faults of the request; of more than 100 the first.',
      items: {
        type: 'object',
        required: ['field', 'reason', 'message'],
        properties: {
          field: {
            type: 'string',
            description:
              'Where, as a path in the JSON or the name of a parameter or header (:path for the path). Empty for the message as a whole.',
          },
          reason: { type: 'string', description: 'The broken rule. Stable.' },
          message: { type: 'string', description: 'The fault in words.' },
        },
      },
    },
    error_count: { type: 'integer', description: 'How many faults were found, where errors does not list all.' },
    request_id: { type: 'string', description: 'What to tell the operators.' },
  },
  examples: [PROBLEM_EXAMPLE],
};

/** The element that replaces further messages when a stream fails, and the data of the event that ends a stream. */
export const STREAM_SCHEMAS: JsonObject = {
  StreamError: {
    type: 'object',
    description: 'The last line or element of a stream that failed in the middle.',
    required: ['error'],
    properties: { error: { $ref: `${RULES}Problem` } },
    additionalProperties: false,
  },
  StreamEnd: { type: 'object', description: 'The data of the `end` event: nothing.', maxProperties: 0 },
};

/** An answer with problem details. */
export function problemResponse(description: string, ...headers: readonly string[]): JsonObject {
  const content = { 'application/problem+json': { schema: { $ref: `${RULES}Problem` } } };
  return { description, ...headersOf('X-Request-Id', ...headers), content };
}

/** The schema of one field of a message. */
export function fieldOf(message: DescMessage, jsonName: string, { schemas, comments }: Described): JsonObject {
  const field = message.fields.find((each) => each.jsonName === jsonName);
  const schema = schemas.get(message.typeName)?.properties?.[jsonName];
  if (!field || !schema) throw new Error(`${message.typeName} has no ${jsonName}`);
  return documentedField(field, schema, comments);
}
