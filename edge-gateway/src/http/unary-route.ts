import type { Client } from '@grpc/grpc-js';
import { callUnary } from '@malla/chassis/channel';
import type { RpcContract } from '@malla/proto/contract';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';
import { isHttpBody } from '../transcoding/request-body.ts';
import type { Answer } from '../transcoding/response.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import type { Reply, Request } from './app-types.ts';
import { clientGone } from './client-gone.ts';
import { matchesNone } from './conditional.ts';
import { acceptsType } from './negotiation.ts';
import { callOptions, tellReplay } from './rpc-call.ts';
import type { RouteKind } from './rpc-route.ts';

/** Answers by one unary call. */
export function unaryKind({ binding, decode }: Transcoder, channel: Client): RouteKind {
  const { rpc, responseBody } = binding;
  const cacheControl = cacheControlOf(rpc);
  const raw = isHttpBody(responseBody ? responseBody.message : rpc.method.output);
  return {
    precheck: (request) => {
      if (!raw) acceptsType(request, 'application/json');
    },
    respond: async (bytes, request, reply) => {
      const answer = await callUnary(channel, rpc, bytes, callOptions(rpc, request, clientGone(reply)));
      tellReplay(answer.metadata, reply);
      return sendAnswer(decode(answer.bytes), cacheControl, request, reply);
    },
  };
}

/** How long an answer may be kept, and by whom: shared caches may keep only what everybody gets. */
function cacheControlOf({ policy }: RpcContract): string {
  if (!policy.cacheLifetime) return 'no-store';
  return `${policy.access === Access.PUBLIC ? 'public' : 'private'}, max-age=${policy.cacheLifetime.seconds}`;
}

function sendAnswer({ contentType, body, etag }: Answer, cacheControl: string, request: Request, reply: Reply): Reply {
  reply.header('cache-control', cacheControl);
  if (etag !== undefined) {
    reply.header('etag', etag);
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (reads && matchesNone(request.headers['if-none-match'], etag)) return reply.code(304).send();
  }
  return reply.type(contentType).send(body);
}
