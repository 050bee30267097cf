import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import type { Client } from '@grpc/grpc-js';
import { callServerStream } from '@malla/chassis/stream-call';
import type { Request } from '../arrival/app-types.ts';
import { acceptsType } from '../arrival/negotiation.ts';
import { clientGone } from '../connection/client-gone.ts';
import { HttpProblem } from '../problems/problem.ts';
import { lateProblem } from '../problems/problem-handler.ts';
import { STREAM_FORMATS, type StreamFormat } from '../transcoding/response/stream-format.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import { callOptions } from './rpc-call.ts';
import type { RouteKind } from './rpc-route.ts';

const STOPPING = new HttpProblem(
  503,
  'GATEWAY_STOPPING',
  'The gateway is stopping. Ask again, with the last resume token.',
);
const KEEP_ALIVE_MS = 15_000;
/** For how long a failure can still become the status of the answer. */
const FIRST_MESSAGE_MS = 300;

/**
 * Answers by a server-streaming call: server-sent events, NDJSON or a JSON array, as the client accepts.
 * @param ended aborts when the gateway stops: the stream then ends with an event that asks the client to reconnect.
 */
export function streamKind({ binding, decodeElement }: Transcoder, channel: Client, ended: AbortSignal): RouteKind {
  const { rpc } = binding;
  return {
    compress: false,
    precheck: (request) => void formatFor(request),
    respond: async (bytes, request, reply) => {
      const out = new PassThrough();
      const gone = clientGone(reply, out);
      const messages = callServerStream(channel, rpc, bytes, callOptions(binding, request, gone));
      const first = await firstMessage(messages);
      const format = formatFor(request);
      const encode = (message: Buffer, index: number) => {
        const { json, resumeToken } = decodeElement(message);
        return format.message(json, index, resumeToken);
      };
      void pump({ messages, first, format, encode, gone, ended, fail: (error) => lateProblem(error, request) }, out);
      reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      // The headers show that the call was accepted, however late its messages are.
      reply.raw.once('pipe', () => (reply.raw as unknown as ServerResponse).flushHeaders());
      return reply.type(format.contentType).send(out);
    },
  };
}

function formatFor(request: Request): StreamFormat {
  const [first = '', ...others] = Object.keys(STREAM_FORMATS);
  return STREAM_FORMATS[acceptsType(request, first, ...others)] as StreamFormat;
}

type Next = IteratorResult<Buffer, undefined>;

/** The first message, or the promise of it when it takes long. Rejects when the call fails at once. */
async function firstMessage(messages: AsyncIterator<Buffer, undefined>): Promise<{ readonly next: Promise<Next> }> {
  const next = messages.next();
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, FIRST_MESSAGE_MS);
  await Promise.race([next, late]).finally(() => clearTimeout(timer));
  return { next };
}

/** The content of an answer. */
interface Source {
  readonly messages: AsyncIterator<Buffer, undefined>;
  readonly first: { readonly next: Promise<Next> };
  readonly format: StreamFormat;
  readonly encode: (message: Buffer, index: number) => string;
  readonly gone: AbortSignal;
  readonly ended: AbortSignal;
  readonly fail: (error: unknown) => string;
}

/** A promise that rejects with `STOPPING`, and how to let go of it. */
function whenAborted(signal: AbortSignal): { readonly promise: Promise<never>; readonly forget: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined); // Nobody may wait for it when it comes.
  const onAbort = () => reject(STOPPING);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return { promise, forget: () => signal.removeEventListener('abort', onAbort) };
}

/** Writes the messages as fast as the client takes them, and then the end or the failure. Never rejects. */
async function pump({ messages, first, format, encode, gone, ended, fail }: Source, out: PassThrough): Promise<void> {
  const { keepAlive } = format;
  const timer = setInterval(() => {
    if (keepAlive !== undefined && !out.writableNeedDrain) out.write(keepAlive);
  }, KEEP_ALIVE_MS);
  const stopping = whenAborted(ended);
  const orEnd = (next: Promise<Next>) => Promise.race([next, stopping.promise]);
  let index = 0;
  try {
    out.write(format.open);
    for (let next = await orEnd(first.next); !next.done; next = await orEnd(messages.next())) {
      if (!out.write(encode(next.value, index))) await once(out, 'drain', { signal: gone });
      index += 1;
    }
    out.end(format.end);
  } catch (error) {
    // A client that left needs no answer, and its call is cancelled.
    if (error === STOPPING) out.end(format.again(fail(error), index));
    else if (!gone.aborted) out.end(format.error(fail(error), index));
  } finally {
    clearInterval(timer);
    stopping.forget();
    await messages.return?.();
  }
}
