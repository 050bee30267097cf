import { once } from 'node:events';
import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';
import { type CallServices, decodeRequest } from './call.ts';
import type { CallContext } from './context.ts';
import { openExchange, untilAborted } from './exchange.ts';
import type { Codec } from './unary.ts';

/** Answers one request with messages. Throws as a UnaryHandler does, before or between messages. */
export type StreamHandler<Request, Response> = (request: Request, call: CallContext) => AsyncIterable<Response>;

/**
 * Wraps a handler of a server stream. The next message is asked for only when the client has room for it; when the client
 * leaves or the deadline passes, the handler's iterator is closed at once.
 */
export function serverStream<Request, Response>(
  rpc: RpcContract,
  codec: Codec<Request, Response>,
  handler: StreamHandler<Request, Response>,
  services: CallServices,
): handleServerStreamingCall<Buffer, Buffer> {
  return (call) => {
    const exchange = openExchange(call, rpc, services);
    const streamed = exchange.run(call.request, async (context) => {
      const messages = handler(decodeRequest(codec.requestDeserialize, call.request), context);
      await pump(messages[Symbol.asyncIterator](), call, codec.responseSerialize, exchange.signal);
    });
    streamed.then(
      () => {
        exchange.succeed();
        call.end();
      },
      (error: unknown) => call.emit('error', exchange.fail(error)),
    );
  };
}

async function pump<Response>(
  messages: AsyncIterator<Response>,
  call: ServerWritableStream<Buffer, Buffer>,
  serialize: (response: Response) => Buffer,
  signal: AbortSignal,
): Promise<void> {
  let done = false;
  try {
    while (!signal.aborted) {
      const next = await untilAborted(Promise.resolve(messages.next()), signal);
      if (next.done) {
        done = true;
        return;
      }
      if (!call.write(serialize(next.value))) await once(call, 'drain', { signal });
    }
  } finally {
    if (!done) void messages.return?.()?.then(undefined, () => undefined);
  }
}
