import type { JsonObject } from '@bufbuild/protobuf';
import { IdempotencyKey } from '@malla/proto/malla/options/v1/policy.pb';
import { resumeFieldOf } from '../transcoding/request/resume-field.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import { fieldOf } from './components.ts';
import { takesIfNoneMatch } from './headers.ts';
import type { Described } from './parameters.ts';

const SECONDS: JsonObject = {
  type: 'string',
  pattern: '^[0-9]{1,6}(\\.[0-9]{1,3})?$',
  not: { pattern: '^0+(\\.0+)?$' },
  examples: ['2.5'],
};
const ENTITY_TAG: JsonObject = { type: 'string', pattern: '^(\\*|(W/)?"[!#-~\\x80-\\xff]*")$', examples: ['"v7"'] };
const ENTITY_TAGS: JsonObject = { type: 'string', examples: ['"v7"', 'W/"v7"', '*'] };
const KEY: JsonObject = { type: 'string', pattern: '^("[!#-~]{1,255}"|[!#-~]{1,255})$', minLength: 1, maxLength: 257 };

/** The headers that a binding's requests may have. */
export function headerParameters({ binding, etag }: Transcoder, described: Described): JsonObject[] {
  const { rpc } = binding;
  const { idempotencyKey } = rpc.policy;
  const resume = rpc.method.methodKind === 'server_streaming' ? resumeFieldOf(rpc.method.input) : undefined;
  return [
    header('X-Request-Timeout', 'How long to wait for the answer, in seconds: more than 0.', SECONDS),
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
    ...(resume
      ? [
          header(
            'Last-Event-ID',
            'The id of the last event that arrived.',
            fieldOf(rpc.method.input, resume.jsonName, described),
          ),
        ]
      : []),
    ...(idempotencyKey === IdempotencyKey.UNSPECIFIED
      ? []
      : [
          header(
            'Idempotency-Key',
            'A key of the client’s own choice: the same key with the same request has one effect.',
            KEY,
            idempotencyKey === IdempotencyKey.REQUIRED,
          ),
        ]),
  ];
}

function header(name: string, description: string, schema: JsonObject, required = false): JsonObject {
  return { name, in: 'header', description, required, schema };
}
