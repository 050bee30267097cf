import type { Client } from '@grpc/grpc-js';
import { callUnary } from '@malla/chassis/channel';
import type { RpcContract } from '@malla/proto/contract';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';
import { sendAnswer } from '../answers/send-answer.ts';
import { acceptsType } from '../arrival/negotiation.ts';
import { requestPath } from '../arrival/routing.ts';
import type { AnswerCache } from '../cache/answer-cache.ts';
import { cachedKind } from '../cache/cached-route.ts';
import { cancelWhenGone } from '../connection/client-gone.ts';
import { answersRawBody } from '../transcoding/request/body-types.ts';
import { isShared } from '../transcoding/response/shared-answers.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import { endOfLoopTurn } from './end-of-loop-turn.ts';
import { callOptions, setReplayHeader } from './rpc-call.ts';
import type { RouteKind } from './rpc-route.ts';
import { withoutStackTrace } from './without-stack-trace.ts';

/** Answers by one unary call, or from the cache where all clients share the answers. */
export function unaryKind(transcoder: Transcoder, channel: Client, cache: AnswerCache): RouteKind {
  const { binding, decode } = transcoder;
  const { rpc } = binding;
  if (isShared(binding)) return cachedKind(transcoder, channel, cache);
  const cacheControl = cacheControlOf(rpc);
  const raw = answersRawBody(binding);
  return {
    precheck: (request) => {
      if (!raw) acceptsType(request, 'application/json');
    },
    respond: async (bytes, request, reply) => {
      const options = { ...callOptions(binding, request), onStart: cancelWhenGone(reply) };
      await endOfLoopTurn();
      const answer = await withoutStackTrace(() => callUnary(channel, rpc, bytes, options));
      cache.invalidateBy(rpc, requestPath(request.originalUrl, binding.template.verb));
      setReplayHeader(answer.metadata, reply);
      return sendAnswer(decode(answer.bytes), cacheControl, request, reply);
    },
  };
}

function cacheControlOf({ policy }: RpcContract): string {
  if (!policy.cacheLifetime || policy.access === Access.PUBLIC) return 'no-store';
  return `private, max-age=${policy.cacheLifetime.seconds}`;
}
