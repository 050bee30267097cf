import type { DescField, JsonObject, Registry } from '@bufbuild/protobuf';
import { IdempotencyKey } from '@malla/proto/malla/options/v1/policy.pb';
import type { Binding } from '../transcoding/binding.ts';
import { type FieldPath, jsonPathOf, lastField } from '../transcoding/field-path.ts';
import type { PathTemplate } from '../transcoding/path-template.ts';
import { resumeFieldOf } from '../transcoding/resume.ts';
import type { JsonSchema } from '../transcoding/schema/json-schema.ts';
import { textField } from '../transcoding/text-field.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import type { Comments } from './comments.ts';
import { documentedField } from './components.ts';
import { exampleOf } from './example.ts';
import { takesIfNoneMatch } from './headers.ts';

/** What describing parameters needs. */
export interface Described {
  readonly registry: Registry;
  readonly comments: Comments;
  readonly schemas: ReadonlyMap<string, JsonSchema>;
}

/** A path as OpenAPI writes it. Its parameters cannot span slashes, so a variable of several segments becomes several. */
export function documentedPath({ segments, variables, verb }: PathTemplate): { path: string; names: string[] } {
  const names: string[] = [];
  const texts = segments.map((segment, at) => {
    if (segment.kind === 'literal') return segment.text;
    const variable = variables.find(({ start, end }) => at >= start && (end === undefined || at < end));
    const before = segments[at - 1];
    const alone = variable !== undefined && (variable.end ?? segments.length) - variable.start === 1;
    const base =
      alone || before?.kind !== 'literal'
        ? (variable?.fieldPath.split('.').at(-1) ?? 'segment')
        : before.text.replace(/s$/, '');
    const name = names.includes(base) ? `${base}_${at}` : base;
    names.push(name);
    return `{${name}}`;
  });
  return { path: `/${texts.join('/')}${verb && `:${verb}`}`, names };
}

/** Every parameter of a binding: path, query and headers. */
export function parametersOf(transcoder: Transcoder, described: Described, names: readonly string[]): JsonObject[] {
  const { binding } = transcoder;
  return [
    ...pathParameters(binding, described, names),
    ...queryParameters(binding, described),
    ...headerParameters(transcoder),
  ];
}

function pathParameters(
  { template, pathFields }: Binding,
  described: Described,
  names: readonly string[],
): JsonObject[] {
  const wild = template.segments.flatMap(({ kind }, at) => (kind === 'literal' ? [] : [at]));
  return wild.map((at, index) => {
    const variable = template.variables.findIndex(({ start, multiSegment }) => start === at && !multiSegment);
    const path = pathFields[variable];
    return {
      name: names[index] ?? '',
      in: 'path',
      required: true,
      ...(path ? exampleFor(path, described) : { example: 'example' }),
      schema: path ? fieldSchema(path, described) : { type: 'string' },
    };
  });
}

function queryParameters(binding: Binding, described: Described): JsonObject[] {
  if (binding.body === 'message') return [];
  const taken = new Set(binding.pathFields.map(jsonPathOf));
  const { input } = binding.rpc.method;
  const required = described.schemas.get(input.typeName)?.required ?? [];
  return input.fields
    .filter((field) => field !== binding.body)
    .flatMap((field) => leavesOf([field], []))
    .map((path) => ({ path, name: jsonPathOf(path) }))
    .filter(({ name }) => !taken.has(name))
    .map(({ path, name }) => ({
      name,
      in: 'query',
      ...(required.includes(name) && { required: true, ...exampleFor(path, described) }),
      schema: fieldSchema(path, described),
    }));
}

/** The fields that a query can set. A message within itself is entered once. */
function leavesOf(path: FieldPath, entered: readonly string[]): FieldPath[] {
  if (textField(path)) return [path];
  const field = lastField(path);
  if (field.fieldKind !== 'message' || entered.includes(field.message.typeName)) return [];
  const inside = [...entered, field.message.typeName];
  return field.message.fields.flatMap((inner) => leavesOf([...path, inner] as unknown as FieldPath, inside));
}

function fieldSchema(path: FieldPath, { schemas, comments }: Described): JsonObject {
  const field: DescField = lastField(path);
  const schema = schemas.get(field.parent.typeName)?.properties?.[field.jsonName] ?? {};
  return documentedField(field, schema, comments);
}

function exampleFor(path: FieldPath, described: Described): JsonObject {
  const field: DescField = lastField(path);
  const schema = described.schemas.get(field.parent.typeName)?.properties?.[field.jsonName];
  return { example: (schema && exampleOf(schema, described, 'required')) ?? 'example' };
}

const ENTITY_TAG: JsonObject = { type: 'string', pattern: '^(\\*|"[!#-~]*")$', examples: ['"v7"'] };
const ENTITY_TAGS: JsonObject = { type: 'string', examples: ['"v7"', 'W/"v7"', '*'] };

function headerParameters({ binding, etag }: Transcoder): JsonObject[] {
  const { rpc } = binding;
  const header = (name: string, description: string, schema: JsonObject, required = false): JsonObject => ({
    name,
    in: 'header',
    description,
    required,
    schema,
  });
  const { idempotencyKey } = rpc.policy;
  const resumable = rpc.method.methodKind === 'server_streaming' && resumeFieldOf(rpc.method.input);
  return [
    header('X-Request-Timeout', 'How long to wait for the answer, in seconds.', { type: 'string', examples: ['2.5'] }),
    ...(etag
      ? [header('If-Match', 'The version that is to change, in place of the etag of the body.', ENTITY_TAG)]
      : []),
    ...(takesIfNoneMatch(binding)
      ? [
          header(
            'If-None-Match',
            'The version that the client has: the answer is 304 if there is no other.',
            ENTITY_TAGS,
          ),
        ]
      : []),
    ...(resumable ? [header('Last-Event-ID', 'The id of the last event that arrived.', { type: 'string' })] : []),
    ...(idempotencyKey === IdempotencyKey.UNSPECIFIED
      ? []
      : [
          header(
            'Idempotency-Key',
            'A key of the client’s own choice: the same key with the same request has one effect.',
            { type: 'string', minLength: 1, maxLength: 255 },
            idempotencyKey === IdempotencyKey.REQUIRED,
          ),
        ]),
  ];
}
