import type { JsonObject } from '@bufbuild/protobuf';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';
import { requestType } from '../transcoding/request/body-types.ts';
import { takesRawBody } from '../transcoding/request/request-body.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import { boundFields } from './bound-fields.ts';
import { BINARY, documentedSchema, fieldOf, referenceTo } from './components.ts';
import { type Described, parametersOf } from './parameters.ts';
import { requestExample } from './request-example.ts';
import { responsesOf } from './responses.ts';

/** The OpenAPI operation of one binding of an RPC. `names` are those of the path's parameters. */
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

function requestBodyOf(transcoder: Transcoder, described: Described): JsonObject {
  const { binding } = transcoder;
  const type = requestType(binding);
  if (type === undefined) return {};
  const { body, bodyRequired } = requestExample(transcoder, described);
  const example =
    body === undefined ? {} : { example: type === 'application/x-ndjson' ? `${JSON.stringify(body)}\n` : body };
  return {
    requestBody: {
      required: bodyRequired,
      content: { [type]: { schema: bodySchema(binding, described), ...example } },
    },
  };
}

function bodySchema(binding: Transcoder['binding'], described: Described): JsonObject {
  const { body, rpc } = binding;
  if (takesRawBody(binding)) return BINARY;
  if (typeof body === 'object') return fieldOf(rpc.method.input, body.jsonName, described);
  return wholeBody(binding, described);
}

/** The request message without the fields that the path or the gateway sets. */
function wholeBody({ rpc, pathFields }: Transcoder['binding'], { schemas, comments, registry }: Described): JsonObject {
  const { input } = rpc.method;
  const schema = schemas.get(input.typeName);
  const bound = boundFields({ rpc, pathFields });
  if (bound.size === 0 || !schema) return referenceTo(input);
  const properties = Object.entries(schema.properties ?? {}).filter(([name]) => !bound.has(name));
  const required = (schema.required ?? []).filter((name) => !bound.has(name));
  return documentedSchema({ ...schema, properties: Object.fromEntries(properties), required }, registry, comments);
}
