import type { Reply, Request } from '../arrival/app-types.ts';
import { matchesNone } from '../routes/conditional.ts';
import type { Answer } from '../transcoding/response/response.ts';

/** Sends an answer, or 304 to a client that has it already (RFC 9110, section 13.1.2). */
export function sendAnswer(answer: Answer, cacheControl: string, request: Request, reply: Reply): Reply {
  const { contentType, body, etag } = answer;
  reply.header('cache-control', cacheControl);
  if (etag !== undefined) {
    reply.header('etag', etag);
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (reads && matchesNone(request.headers['if-none-match'], etag)) return reply.code(304).send();
  }
  return reply.type(contentType).send(body);
}
