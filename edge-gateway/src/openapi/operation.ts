import type { DescMessage, JsonObject } from '@bufbuild/protobuf';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';
import { rejectedLineFieldOf } from '../transcoding/rejected-line.ts';
import { isHttpBody, takesRawBody } from '../transcoding/request-body.ts';
import { STREAM_FORMATS } from '../transcoding/stream-format.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import { documentedField, documentedSchema, referenceTo } from './components.ts';
import { type Described, parametersOf } from './parameters.ts';

const BINARY: JsonObject = { type: 'string', contentMediaType: 'application/octet-stream' };

/** What one binding of an RPC does, as OpenAPI says it. `names` are those of the path's parameters. */
export function operationOf(transcoder: Transcoder, described: Described, names: readonly string[]): JsonObject {
  const { rpc, index } = transcoder.binding;
  const service = rpc.service.split('.').at(-1) ?? '';
  const description = described.comments.get(`${rpc.service}.${rpc.method.name}`) ?? '';
  const isUser = rpc.policy.access === Access.USER;
  return {
    operationId: `${service}_${rpc.method.name}${index === 0 ? '' : `_${index + 1}`}`,
    tags: [service],
    summary: description.split(/(?<=\.)\s/, 1)[0] ?? '',
    description,
    parameters: parametersOf(transcoder, described, names),
    ...requestBodyOf(transcoder, described),
    responses: responsesOf(transcoder, described, isUser),
    security: isUser ? [{ bearer: [...rpc.policy.permissions] }] : [],
  };
}

function requestBodyOf({ binding }: Transcoder, described: Described): JsonObject {
  const { body, rpc } = binding;
  if (body === undefined) return {};
  if (takesRawBody(binding)) return { requestBody: { content: { '*/*': { schema: BINARY } } } };
  const type = rpc.method.methodKind === 'client_streaming' ? 'application/x-ndjson' : 'application/json';
  const schema =
    body === 'message' ? wholeBody(binding, described) : fieldOf(rpc.method.input, body.jsonName, described);
  return { requestBody: { content: { [type]: { schema } } } };
}

/** The request message without the fields that the path or the gateway sets. */
function wholeBody({ rpc, pathFields }: Transcoder['binding'], { schemas, comments, registry }: Described): JsonObject {
  const { input } = rpc.method;
  const schema = schemas.get(input.typeName);
  const set = [...pathFields.filter(({ length }) => length === 1).map(([field]) => field), rejectedLineFieldOf(input)];
  const bound = new Set(set.map((field) => field?.jsonName).filter((name) => name !== undefined));
  if (bound.size === 0 || !schema) return referenceTo(input);
  const properties = Object.entries(schema.properties ?? {}).filter(([name]) => !bound.has(name));
  const required = (schema.required ?? []).filter((name) => !bound.has(name));
  return documentedSchema({ ...schema, properties: Object.fromEntries(properties), required }, registry, comments);
}

function responsesOf({ binding, etag, etagRequired }: Transcoder, described: Described, isUser: boolean): JsonObject {
  const { rpc, body } = binding;
  const problem = (name: string): JsonObject => ({ $ref: `#/components/responses/${name}` });
  return {
    '200': {
      description: described.comments.get(rpc.method.output.typeName) ?? 'The answer.',
      content: contentOf(binding, described),
    },
    '400': problem('BadRequest'),
    ...(isUser && { '401': problem('Unauthorized'), '403': problem('Forbidden') }),
    ...(etag && { '412': problem('PreconditionFailed') }),
    ...(etagRequired && { '428': problem('PreconditionRequired') }),
    ...(body && { '413': problem('ContentTooLarge'), '415': problem('UnsupportedMediaType') }),
    '429': problem('TooManyRequests'),
    default: problem('Problem'),
  };
}

function contentOf({ rpc, responseBody }: Transcoder['binding'], described: Described): JsonObject {
  const { output, methodKind } = rpc.method;
  if (isHttpBody(responseBody ? responseBody.message : output)) return { '*/*': { schema: BINARY } };
  const schema = responseBody ? fieldOf(output, responseBody.jsonName, described) : referenceTo(output);
  if (methodKind !== 'server_streaming') return { 'application/json': { schema } };
  const [array = '', ...others] = Object.keys(STREAM_FORMATS);
  return {
    [array]: { schema: { type: 'array', items: schema } },
    ...Object.fromEntries(others.map((type) => [type, { schema }])),
  };
}

function fieldOf(message: DescMessage, jsonName: string, { schemas, comments }: Described): JsonObject {
  const field = message.fields.find((each) => each.jsonName === jsonName);
  const schema = schemas.get(message.typeName)?.properties?.[jsonName];
  if (!field || !schema) throw new Error(`${message.typeName} has no ${jsonName}`);
  return documentedField(field, schema, comments);
}
