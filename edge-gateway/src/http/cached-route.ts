import type { Client } from '@grpc/grpc-js';
import { callUnary } from '@malla/chassis/channel';
import type { Transcoder } from '../transcoding/transcoder.ts';
import { type AnswerCache, type CachedAnswer, lifetimeMsOf } from './answer-cache.ts';
import type { Reply, Request } from './app-types.ts';
import { acceptsType } from './negotiation.ts';
import { metadataOf } from './rpc-metadata.ts';
import type { RouteKind } from './rpc-route.ts';
import { sendAnswer } from './send-answer.ts';

/**
 * Answers from the cache, whose key is the whole URL: an RPC that is public takes nothing else into account. The call behind it
 * is made for all who wait, so that none of them can cut it short.
 */
export function cachedKind({ binding, decode }: Transcoder, channel: Client, cache: AnswerCache): RouteKind {
  const { rpc } = binding;
  const seconds = Math.floor(lifetimeMsOf(rpc.policy.cacheLifetime) / 1000);
  const cacheControl = `public, max-age=${seconds}, stale-while-revalidate=${seconds}`;
  const send = (answer: CachedAnswer, request: Request, reply: Reply) => {
    reply.header('age', Math.max(0, Math.floor((Date.now() - answer.storedMs) / 1000)));
    return sendAnswer(answer, cacheControl, request, reply);
  };
  return {
    precheck: (request) => void acceptsType(request, 'application/json'),
    // Only what was valid once is in the cache: it need not be read and validated again.
    shortcut: (request, reply) => {
      const answer = cache.peek(request.originalUrl);
      return answer && send(answer, request, reply);
    },
    respond: async (bytes, request, reply) => {
      const load = async () => decode((await callUnary(channel, rpc, bytes, { metadata: metadataOf(request) })).bytes);
      return send(await cache.get(rpc, request.originalUrl, load), request, reply);
    },
  };
}
