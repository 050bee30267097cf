import { type Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { callUnary } from '@malla/chassis/channel';
import { sendAnswer } from '../answers/send-answer.ts';
import type { Reply, Request } from '../arrival/app-types.ts';
import { acceptsType } from '../arrival/negotiation.ts';
import { requestTimeoutMs } from '../routes/rpc-call.ts';
import { metadataOf } from '../routes/rpc-metadata.ts';
import type { RouteKind } from '../routes/rpc-route.ts';
import { answersRawBody } from '../transcoding/request/body-types.ts';
import { lifetimeMsOf } from '../transcoding/response/shared-answers.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import type { AnswerCache, CachedAnswer } from './answer-cache.ts';

/**
 * Answers from the cache, whose key is the whole URL: a binding that is shared takes nothing else into account. The call behind
 * it is made for all who wait, so that none of them can cut it short: who wants to wait for less waits for less.
 */
export function cachedKind({ binding, decode }: Transcoder, channel: Client, cache: AnswerCache): RouteKind {
  const { rpc } = binding;
  const raw = answersRawBody(binding);
  const seconds = Math.floor(lifetimeMsOf(rpc.policy.cacheLifetime) / 1000);
  const cacheControl = `public, max-age=${seconds}, stale-while-revalidate=${seconds}`;
  const send = (answer: CachedAnswer, request: Request, reply: Reply) => {
    reply.header('age', Math.max(0, Math.floor((Date.now() - answer.storedMs) / 1000)));
    return sendAnswer(answer, cacheControl, request, reply);
  };
  return {
    precheck: (request) => {
      if (!raw) acceptsType(request, 'application/json');
      requestTimeoutMs(request.headers['x-request-timeout']);
    },
    // The cache holds answers of valid requests only: a hit needs no second validation. A request with a body is never in it.
    shortcut: (request, reply) => {
      if (request.headers['content-type'] !== undefined) return undefined;
      const answer = cache.peek(request.originalUrl);
      return answer && send(answer, request, reply);
    },
    respond: async (bytes, request, reply) => {
      const load = async () => decode((await callUnary(channel, rpc, bytes, { metadata: metadataOf(request) })).bytes);
      const timeoutMs = requestTimeoutMs(request.headers['x-request-timeout']);
      return send(await withinTime(cache.get(rpc, request.originalUrl, load), timeoutMs), request, reply);
    },
  };
}

/** @throws ServiceError DEADLINE_EXCEEDED, as the call itself would, when the time is up before there is an answer. */
async function withinTime<Result>(answer: Promise<Result>, timeoutMs: number | undefined): Promise<Result> {
  if (timeoutMs === undefined) return answer;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(deadlineExceeded()), timeoutMs);
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

function deadlineExceeded(): ServiceError {
  const details = { code: status.DEADLINE_EXCEEDED, details: 'Deadline exceeded', metadata: new Metadata() };
  return Object.assign(new Error('the client wanted to wait no longer'), details);
}
