import { once } from 'node:events';
import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';
import { type CallServices, decodeRequest, runCall } from './call.ts';
import type { CallContext } from './context.ts';
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
    const work = async (context: CallContext) => {
      const messages = handler(decodeRequest(codec.requestDeserialize, call.request), context);
      const pumped = pump(messages[Symbol.asyncIterator](), call, codec.responseSerialize, context.signal);
      await Promise.race([pumped, once(context.signal, 'abort')]);
    };
    runCall(call, rpc, services, work, {
      succeed: () => call.end(),
      fail: (told) => call.emit('error', told),
    });
  };
}

async function pump<Response>(
  messages: AsyncIterator<Response>,
  call: ServerWritableStream<Buffer, Buffer>,
  serialize: (response: Response) => Buffer,
  signal: AbortSignal,
): Promise<void> {
  const close = async () => await messages.return?.();
  // A generator that awaits something hears of this only when that has come; it has the signal to hear of it sooner.
  const closeQuietly = () => void close().catch(() => undefined);
  signal.addEventListener('abort', closeQuietly, { once: true });
  try {
    for (let next = await messages.next(); !next.done && !signal.aborted; next = await messages.next()) {
      if (!call.write(serialize(next.value))) await once(call, 'drain', { signal });
    }
  } catch (error) {
    closeQuietly();
    throw error;
  } finally {
    signal.removeEventListener('abort', closeQuietly);
  }
}
