import type { AssembledRequest } from '../transcoding/request.ts';
import type { HttpBody } from '../transcoding/request-body.ts';
import type { ParsedJson } from '../transcoding/strict-json.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import type { Request } from './app-types.ts';
import { ifMatchEtag } from './conditional.ts';
import { bodyNotAllowed } from './no-body.ts';
import { HttpProblem } from './problem.ts';
import type { Routing } from './routing.ts';

/**
 * Puts the request message's JSON together from path, query, headers and body.
 * @throws HttpProblem or TranscodingError when a part of the request is not as HTTP or JSON demand.
 */
export function assembleRequest(request: Request, routing: Routing, transcoder: Transcoder): AssembledRequest {
  if (transcoder.binding.body === undefined && hasBody(request)) {
    throw bodyNotAllowed();
  }
  const { outcome, query } = routing.routed(request.raw);
  if (outcome.kind !== 'found') throw routing.refusal(request.raw);
  const ifMatch = transcoder.etag && ifMatchEtag(request.headers['if-match']);
  if (ifMatch === undefined && transcoder.etagRequired && !hasEtag(request)) {
    throw new HttpProblem(428, 'IF_MATCH_MISSING', 'This method needs If-Match with the version that is to change.');
  }
  const lastEventId = request.headers['last-event-id'];
  return transcoder.assemble({
    captures: outcome.captures,
    query,
    body: request.body as ParsedJson | HttpBody | undefined,
    ...(ifMatch !== undefined && { ifMatch }),
    ...(typeof lastEventId === 'string' && { lastEventId }),
  });
}

function hasBody({ headers, body }: Request): boolean {
  const length = headers['content-length'];
  return body != null || (length !== undefined && length !== '0') || headers['transfer-encoding'] !== undefined;
}

/** Whether the body brings the etag that a header could. */
function hasEtag({ body }: Request): boolean {
  const value = (body as { readonly value?: unknown } | undefined)?.value;
  return typeof value === 'object' && value !== null && 'etag' in value;
}
