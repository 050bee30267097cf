import type { DescField, JsonObject, Registry } from '@bufbuild/protobuf';
import { type FieldPath, jsonPathOf, lastField } from '../transcoding/json/field-path.ts';
import { textField } from '../transcoding/request/text-field.ts';
import type { Binding } from '../transcoding/routing/binding.ts';
import type { PathTemplate } from '../transcoding/routing/path-template.ts';
import type { JsonSchema } from '../transcoding/schema/json-schema.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import type { Comments } from './comments.ts';
import { documentedField } from './components.ts';
import { exampleOf } from './example.ts';
import { headerParameters } from './header-parameters.ts';

/** The input of the description of parameters. */
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
    ...headerParameters(transcoder, described),
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
      schema: path ? filled(fieldSchema(path, described)) : { type: 'string', minLength: 1 },
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
    .filter(({ name, path }) => !taken.has(name) && !isOtherOfOneof(path, binding))
    .map(({ path, name }) => ({
      name,
      in: 'query',
      ...(required.includes(name) && { required: true, ...exampleFor(path, described) }),
      schema: fieldSchema(path, described),
    }));
}

/** The schema of a part of a path, which is never empty. */
function filled(schema: JsonObject): JsonObject {
  return schema.type === 'string' && !schema.pattern ? { minLength: 1, ...schema } : schema;
}

/** Returns true when the path sets another member of the field's oneof: the query must not set this one. */
function isOtherOfOneof(path: FieldPath, { pathFields }: Binding): boolean {
  const [field]: readonly DescField[] = path;
  return field?.oneof !== undefined && pathFields.some(([first]) => first.oneof === field.oneof && first !== field);
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
