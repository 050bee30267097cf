import type { Request } from '../arrival/app-types.ts';
import type { Routing } from '../arrival/routing.ts';
import { parentObject } from '../transcoding/json/field-path.ts';
import { isObject } from '../transcoding/json/json-walk.ts';
import type { ParsedJson } from '../transcoding/json/strict-json.ts';
import type { AssembledRequest } from '../transcoding/request/request-assembler.ts';
import type { HttpBody } from '../transcoding/request/request-body.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import { ifMatchEtag, ifMatchProblem } from './conditional.ts';

/**
 * Puts the request message's JSON together from path, query, headers and body.
 * @throws HttpProblem or TranscodingError when a part of the request is not as HTTP or JSON demand.
 */
export function assembleRequest(request: Request, routing: Routing, transcoder: Transcoder): AssembledRequest {
  const { outcome, query } = routing.routed(request.raw);
  if (outcome.kind !== 'found') throw routing.refusal(request.raw);
  const ifMatch = etagOf(request, transcoder);
  const lastEventId = request.headers['last-event-id'];
  const assembled = transcoder.assemble({
    captures: outcome.captures,
    query,
    body: request.body as ParsedJson | HttpBody | undefined,
    ...(ifMatch !== undefined && { ifMatch }),
    ...(typeof lastEventId === 'string' && { lastEventId }),
  });
  if (transcoder.etagRequired && !hasEtag(assembled, transcoder)) {
    const words = 'If-Match must be the ETag of the version to change. * is not allowed.';
    throw ifMatchProblem(428, 'IF_MATCH_MISSING', words);
  }
  return assembled;
}

/**
 * The version that `If-Match` names.
 * @throws HttpProblem also where the method has no place for one, and would write whatever the version.
 */
function etagOf({ headers, method }: Request, { etag }: Transcoder): string | undefined {
  const header = headers['if-match'];
  if (etag) return ifMatchEtag(header);
  if (header === undefined || method === 'GET' || method === 'HEAD') return undefined;
  throw ifMatchProblem(
    400,
    'IF_MATCH_UNSUPPORTED',
    'This method does not support If-Match. Send the request without it.',
  );
}

/** Returns true when header, query or body name the version. */
function hasEtag({ json }: AssembledRequest, { etag }: Transcoder): boolean {
  const parent = etag && isObject(json) ? parentObject(json, etag.path) : undefined;
  return etag !== undefined && parent?.[etag.field.jsonName] !== undefined;
}
