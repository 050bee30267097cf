import type { Client } from '@grpc/grpc-js';
import { callUnary } from '@malla/chassis/channel';
import type { RpcContract } from '@malla/proto/contract';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';
import type { JsonAnswer } from '../transcoding/response.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import type { App, Reply, Request } from './app-types.ts';
import { assembleRequest, encodeRequest } from './assemble.ts';
import { clientGone } from './client-gone.ts';
import { matchesNone } from './conditional.ts';
import { acceptsType } from './negotiation.ts';
import type { Routing } from './routing.ts';
import { metadataOf } from './rpc-metadata.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Adds the route of one binding of a unary RPC with JSON in and out. */
export function addUnaryRoute(app: App, routing: Routing, transcoder: Transcoder, channel: Client): void {
  const { rpc, template, httpMethod } = transcoder.binding;
  const cacheControl = cacheControlOf(rpc);
  app.route({
    method: httpMethod === '*' ? app.supportedMethods : httpMethod,
    url: routing.add(httpMethod, template, rpc.path),
    config: { transcoder, routeName: template.text },
    schema: { params: { $ref: `${rpc.method.input.typeName}#` } },
    attachValidation: true,
    preValidation: (request, _reply, done) => {
      acceptsType(request, 'application/json');
      request.assembled = assembleRequest(request, routing, transcoder);
      // The whole message goes to the validator by the one part that requests of every method have.
      request.params = request.assembled.json;
      done();
    },
    handler: async (request, reply) => {
      const bytes = encodeRequest(request, transcoder);
      const answer = await callUnary(channel, rpc, bytes, { metadata: metadataOf(request), signal: clientGone(reply) });
      return sendAnswer(transcoder.decode(answer.bytes), cacheControl, request, reply);
    },
  });
}

/** How long an answer may be kept, and by whom: shared caches may keep only what everybody gets. */
function cacheControlOf({ policy }: RpcContract): string {
  if (!policy.cacheLifetime) return 'no-store';
  return `${policy.access === Access.PUBLIC ? 'public' : 'private'}, max-age=${policy.cacheLifetime.seconds}`;
}

function sendAnswer({ text, etag }: JsonAnswer, cacheControl: string, request: Request, reply: Reply): Reply {
  reply.header('cache-control', cacheControl);
  if (etag !== undefined) {
    reply.header('etag', etag);
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (reads && matchesNone(request.headers['if-none-match'], etag)) return reply.code(304).send();
  }
  return reply.type(JSON_TYPE).send(text);
}
