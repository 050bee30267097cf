import type { DescMessage, JsonObject } from '@bufbuild/protobuf';
import { IdempotencyKey } from '@malla/proto/malla/options/v1/policy.pb';
import { isShared } from '../transcoding/response/shared-answers.ts';
import type { Binding } from '../transcoding/routing/binding.ts';

const text = (description: string, example: string, more: JsonObject = {}): JsonObject => ({
  description,
  schema: { type: 'string', ...more },
  example,
});
const count = (description: string, example: number): JsonObject => ({
  description,
  schema: { type: 'integer', minimum: 0 },
  example,
});

/** The headers of answers, for the components of the document. */
export const HEADERS: JsonObject = {
  'X-Request-Id': text('What to tell the operators: the client’s own when it is sane.', '7f0c5b8e'),
  'RateLimit-Limit': count('How many calls of this kind the client has in a minute.', 1200),
  'RateLimit-Remaining': count('How many of them are left.', 1199),
  'RateLimit-Reset': count('In how many seconds there are as many as ever again.', 60),
  'Cache-Control': text('Whether, where and for how long the answer may be kept.', 'no-store'),
  ETag: text('The version of the resource, for If-Match and If-None-Match.', '"v7"'),
  Age: count('For how many seconds the edge has kept the answer.', 0),
  'Idempotent-Replayed': text('That this is the answer to an earlier request with the same key.', 'true', {
    enum: ['true'],
  }),
  'Accept-Encoding': text('Which encodings a body may have (RFC 9110, section 12.5.3): none.', 'identity', {
    enum: ['identity'],
  }),
  'Retry-After': count('After how many seconds to try again.', 1),
  'WWW-Authenticate': text('What proof is wanted (RFC 6750).', 'Bearer realm="malla"'),
};

/** References to headers, by their names. */
export function headersOf(...names: readonly string[]): { readonly headers: JsonObject } {
  return { headers: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }])) };
}

const BUDGET = ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'];

/** The headers of a success. */
export function answerHeaders(binding: Binding): { readonly headers: JsonObject } {
  const { policy, method } = binding.rpc;
  return headersOf(
    'X-Request-Id',
    ...BUDGET,
    'Cache-Control',
    ...(answersEtag(binding) ? ['ETag'] : []),
    ...(isShared(binding) && method.methodKind === 'unary' ? ['Age'] : []),
    ...(policy.idempotencyKey === IdempotencyKey.UNSPECIFIED ? [] : ['Idempotent-Replayed']),
  );
}

/** Returns true when the answers carry an entity tag. */
export function answersEtag({ rpc, responseBody }: Binding): boolean {
  if (rpc.method.methodKind !== 'unary') return false;
  const body: DescMessage | undefined = responseBody ? responseBody.message : rpc.method.output;
  return body?.fields.some(({ name, fieldKind }) => name === 'etag' && fieldKind === 'scalar') === true;
}

/** Returns true when the method supports `If-None-Match`. */
export function takesIfNoneMatch(binding: Binding): boolean {
  return binding.httpMethod === 'GET' && answersEtag(binding);
}
