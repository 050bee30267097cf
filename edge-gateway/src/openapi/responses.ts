import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { answersRawBody, requestType } from '../transcoding/request/body-types.ts';
import { STREAM_FORMATS } from '../transcoding/response/stream-format.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import { BINARY, fieldOf, PROBLEM_EXAMPLE, problemResponse, referenceTo } from './components.ts';
import { exampleOf } from './example.ts';
import { answerHeaders, headersOf, takesIfNoneMatch } from './headers.ts';
import type { Described } from './parameters.ts';

/** The answers that many operations share. */
export const RESPONSES: JsonObject = {
  NotModified: {
    description: 'The client has this version already.',
    ...headersOf('X-Request-Id', 'Cache-Control', 'ETag'),
  },
  BadRequest: problemResponse('The request is not as the contract says; every fault is named.'),
  Unauthorized: problemResponse('The access token is missing or refused.', 'WWW-Authenticate'),
  Forbidden: problemResponse('The access token does not allow this.', 'WWW-Authenticate'),
  PreconditionFailed: problemResponse('The resource is not the version that If-Match names.'),
  PreconditionRequired: problemResponse('Neither If-Match nor the body names a version.'),
  ContentTooLarge: problemResponse('The body is larger than 1 MiB.'),
  UnsupportedMediaType: problemResponse(
    'The body is of another media type, or compressed (CONTENT_ENCODING_UNSUPPORTED).',
    'Accept-Encoding',
  ),
  TooManyRequests: problemResponse(
    'The client has no budget left (RATE_LIMIT_EXCEEDED), or too many calls under way (CALLS_TOO_MANY).',
    'Retry-After',
  ),
  StreamsTooMany: problemResponse(
    'The client has no budget left (RATE_LIMIT_EXCEEDED), or too many streams open (STREAMS_TOO_MANY).',
    'Retry-After',
  ),
  Unavailable: problemResponse('The service cannot be reached at the moment, or has too much to do.', 'Retry-After'),
  StreamsUnavailable: problemResponse(
    'The service cannot be reached at the moment, or has no room for another stream, whoever asks.',
    'Retry-After',
  ),
  Problem: problemResponse('Any other failure.'),
};

/** Every answer of a binding. */
export function responsesOf(transcoder: Transcoder, described: Described, isUser: boolean): JsonObject {
  const { binding, etag, etagRequired } = transcoder;
  const isStream = binding.rpc.method.methodKind !== 'unary';
  const answered = (name: string): JsonObject => ({ $ref: `#/components/responses/${name}` });
  return {
    '200': {
      description: described.comments.get(binding.rpc.method.output.typeName) ?? 'The answer.',
      ...answerHeaders(binding),
      content: contentOf(binding, described),
    },
    ...(takesIfNoneMatch(binding) && { '304': answered('NotModified') }),
    '400': answered('BadRequest'),
    ...(isUser && { '401': answered('Unauthorized'), '403': answered('Forbidden') }),
    ...(etag && { '412': answered('PreconditionFailed') }),
    ...(etagRequired && { '428': answered('PreconditionRequired') }),
    ...(requestType(binding) && { '413': answered('ContentTooLarge'), '415': answered('UnsupportedMediaType') }),
    '429': answered(isStream ? 'StreamsTooMany' : 'TooManyRequests'),
    '503': answered(isStream ? 'StreamsUnavailable' : 'Unavailable'),
    default: answered('Problem'),
  };
}

function contentOf(binding: Transcoder['binding'], described: Described): JsonObject {
  const { rpc, responseBody } = binding;
  const { output, methodKind } = rpc.method;
  if (answersRawBody(binding)) return { '*/*': { schema: BINARY } };
  const schema = responseBody ? fieldOf(output, responseBody.jsonName, described) : referenceTo(output);
  const derived = responseBody
    ? described.schemas.get(output.typeName)?.properties?.[responseBody.jsonName]
    : { $ref: output.typeName };
  const example = derived && exampleOf(derived, described, 'all');
  if (methodKind === 'server_streaming') return streamsOf(schema, example ?? {});
  return { 'application/json': { schema, ...(example !== undefined && { example }) } };
}

/** The ways in which a stream ends. */
const BREAK: JsonObject = {
  ...PROBLEM_EXAMPLE,
  title: 'Service Unavailable',
  status: 503,
  detail: 'The service cannot be reached at the moment.',
  reason: 'UNAVAILABLE',
  errors: [],
};

/** The parts of each format of a stream, with its failure and its end. */
function streamsOf(message: JsonObject, example: JsonValue): JsonObject {
  const items: JsonObject = { anyOf: [message, { $ref: '#/components/schemas/StreamError' }] };
  const event: JsonObject = {
    description: 'The data of one event: a message; of an `error` event the problem, of the `end` event nothing.',
    anyOf: [message, { $ref: '#/components/schemas/Problem' }, { $ref: '#/components/schemas/StreamEnd' }],
  };
  const schemas = [
    { type: 'array', items },
    { description: 'One line: a message, or the failure that is the last line.', ...items },
    event,
  ];
  const json = JSON.stringify(example);
  return Object.fromEntries(
    Object.entries(STREAM_FORMATS).map(([type, { open, message: write, error, end }], at) => {
      const whole = `${open}${write(json, 0, undefined)}${end}`;
      const broken = `${open}${write(json, 0, undefined)}${error(JSON.stringify(BREAK), 1)}`;
      const value = (text: string): JsonValue => (at === 0 ? JSON.parse(text) : text);
      const examples = { complete: { value: value(whole) }, broken: { value: value(broken) } };
      return [type, { schema: schemas[at] ?? {}, examples }];
    }),
  );
}
