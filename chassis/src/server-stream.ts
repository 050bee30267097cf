import { once } from 'node:events';
import type { handleServerStreamingCall } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';
import { type CallServices, decodeRequest, runCall } from './call.ts';
import type { CallContext } from './context.ts';
import { unlessIdle } from './idle.ts';
import type { Codec } from './unary.ts';

/** Answers one request with messages. Throws as a UnaryHandler does, before or between messages. */
export type StreamHandler<Request, Response> = (request: Request, call: CallContext) => AsyncIterable<Response>;

/**
 * Wraps a handler of a server stream. The next message is asked for only when the client has room for it; when the client
 * leaves or the deadline passes, the handler's iterator is closed at once. A client that stops reading is not waited for
 * longer than a stream may stand still: the call fails, and the client goes on from what it has.
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
      const write = async (message: Response) => {
        if (call.write(codec.responseSerialize(message))) return;
        await unlessIdle(once(call, 'drain', { signal: context.signal }), services.streamIdleMs);
      };
      const pumped = pump(messages[Symbol.asyncIterator](), write, context.signal);
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
  write: (message: Response) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const close = async () => await messages.return?.();
  // A generator that awaits something hears of this only when that has come; it has the signal to hear of it sooner.
  const closeQuietly = () => void close().catch(() => undefined);
  signal.addEventListener('abort', closeQuietly, { once: true });
  try {
    for (let next = await messages.next(); !next.done && !signal.aborted; next = await messages.next()) {
      await write(next.value);
    }
  } catch (error) {
    closeQuietly();
    throw error;
  } finally {
    signal.removeEventListener('abort', closeQuietly);
  }
}
