import type { AssembledRequest } from '../transcoding/request.ts';
import type { SchemaError } from '../transcoding/schema/explain.ts';
import type { ParsedJson } from '../transcoding/strict-json.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import type { Request } from './app-types.ts';
import { ifMatchEtag } from './conditional.ts';
import { HttpProblem } from './problem.ts';
import type { Routing } from './routing.ts';

/**
 * Puts the request message's JSON together from path, query, headers and body.
 * @throws HttpProblem or TranscodingError when a part of the request is not as HTTP or JSON demand.
 */
export function assembleRequest(request: Request, routing: Routing, transcoder: Transcoder): AssembledRequest {
  if (transcoder.binding.body === undefined && hasBody(request)) {
    throw new HttpProblem(400, 'BODY_NOT_ALLOWED', 'This method takes no body.');
  }
  const { outcome, query } = routing.routed(request.raw);
  if (outcome.kind !== 'found') throw routing.refusal(request.raw);
  const ifMatch = transcoder.etag && ifMatchEtag(request.headers['if-match']);
  return transcoder.assemble({
    captures: outcome.captures,
    query,
    body: request.body as ParsedJson | undefined,
    ...(ifMatch !== undefined && { ifMatch }),
  });
}

function hasBody({ headers, body }: Request): boolean {
  const length = headers['content-length'];
  return body != null || (length !== undefined && length !== '0') || headers['transfer-encoding'] !== undefined;
}

/**
 * The bytes of the request message, once Fastify has validated its JSON.
 * @throws TranscodingError naming everything that is wrong with it.
 */
export function encodeRequest(request: Request, transcoder: Transcoder): Uint8Array {
  const { assembled, validationError } = request;
  if (!assembled) throw new Error('the request was not assembled');
  if (validationError || assembled.faults.length > 0 || assembled.strangers.length > 0) {
    throw transcoder.explain(assembled, (validationError?.validation ?? []) as unknown as SchemaError[]);
  }
  return transcoder.encode(assembled);
}
