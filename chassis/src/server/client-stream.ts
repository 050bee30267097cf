import { setImmediate as turn } from 'node:timers/promises';
import type { handleClientStreamingCall, ServerReadableStream } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';
import { DomainError } from '../lib/errors.ts';
import { type CallServices, decodeRequest, runCall } from './call.ts';
import type { CallContext } from './context.ts';
import { unlessIdle } from './idle.ts';
import type { Codec } from './unary.ts';

/**
 * Answers many requests once. Each is checked as it comes: iterating throws a DomainError `invalid` at the first that breaks a
 * rule, saying which one it is. Throws as a UnaryHandler does, and need not read all there is.
 */
export type ClientStreamHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  call: CallContext,
) => Promise<Response>;

/**
 * Wraps a handler of a client stream. The client sends no faster than the handler reads; when the client leaves, the deadline
 * passes, or no message comes for as long as a stream may stand still, iterating throws.
 */
export function clientStream<Request, Response>(
  rpc: RpcContract,
  codec: Codec<Request, Response>,
  handler: ClientStreamHandler<Request, Response>,
  services: CallServices,
): handleClientStreamingCall<Buffer, Buffer> {
  return (call, callback) => {
    const work = async (context: CallContext) => {
      const requests = receive(call, rpc, codec, services, context.signal);
      return codec.responseSerialize(await handler(requests, context));
    };
    runCall(call, rpc, services, work, {
      succeed: (bytes) => callback(null, bytes),
      fail: (told) => callback(told),
    });
  };
}

async function* receive<Request>(
  call: ServerReadableStream<Buffer, Buffer>,
  rpc: RpcContract,
  { requestDeserialize }: Pick<Codec<Request, unknown>, 'requestDeserialize'>,
  { validate, streamIdleMs }: Pick<CallServices, 'validate' | 'streamIdleMs'>,
  signal: AbortSignal,
): AsyncGenerator<Request> {
  const stop = () => call.destroy(new Error('the call is over'));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    let index = 0;
    for await (const bytes of whileSent(call, streamIdleMs)) {
      checkOne(index, () => validate(rpc.method.input, bytes));
      yield decodeRequest(requestDeserialize, bytes);
      index += 1;
    }
    // grpc-js ends the stream of a client that leaves as if it were complete, and says only then that it was cancelled.
    await turn();
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The messages as they come. The time that the handler takes for one is not the client's. */
async function* whileSent(call: AsyncIterable<Buffer>, idleMs: number): AsyncGenerator<Buffer> {
  const messages = call[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await unlessIdle(messages.next(), idleMs);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: behind a message that never comes, it would never end.
    void messages.return?.();
  }
}

/** Checks a message of a stream. What is wrong says with which, as the gateway does with the lines of a body. */
function checkOne(index: number, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof DomainError ? inMessage(error, index) : error;
  }
}

function inMessage({ kind, reason, message, details }: DomainError, index: number): DomainError {
  const fields = details.fields?.map((one) => ({ ...one, field: `[${index}]${one.field && `.${one.field}`}` }));
  return new DomainError(kind, reason, `Message ${index + 1}: ${message}`, { ...details, ...(fields && { fields }) });
}
