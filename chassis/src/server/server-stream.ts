import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { handleServerStreamingCall } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';
import { type CallServices, decodeRequest, runCall } from './call.ts';
import type { CallContext } from './context.ts';
import { unlessIdle } from './idle.ts';
import { partyOf } from './party.ts';
import type { Codec } from './unary.ts';

/** Answers one request with messages. Throws as a UnaryHandler does, before or between messages. */
export type StreamHandler<Request, Response> = (request: Request, call: CallContext) => AsyncIterable<Response>;

/**
 * Wraps a handler of a server stream. The next message is asked for only when the client has room for it; when the client
 * leaves or the deadline passes, the handler's iterator is closed at once. The messages of one client are paced, so that its
 * streams do not take the process. A client that stops reading is not waited for
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
      const isPaced = partyOf(context) !== 'mesh';
      const write = async (message: Response) => {
        const hasRoom = call.write(codec.responseSerialize(message));
        if (!hasRoom) await unlessIdle(once(call, 'drain', { signal: context.signal }), services.streamIdleMs);
        const delayMs = isPaced ? services.streamPace.spend(context.origin.address) : 0;
        if (delayMs > 0) await sleep(delayMs, undefined, { signal: context.signal });
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
