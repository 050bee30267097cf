import type { Client } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';
import { asBuffer, asIs, type CallOptions, cancelBy, type OutgoingCall, outgoing } from './outgoing.ts';

/**
 * Makes one server-streaming call with bytes in and bytes out, as soon as the first message is asked for. The server sends no
 * faster than messages are asked for; `return`, as at the end of a loop, cancels the call, also while a message is awaited.
 * Inside a call of our own it inherits as `callUnary` does.
 * @throws ServiceError of grpc-js, from `next`.
 */
export function callServerStream(
  channel: Client,
  rpc: RpcContract,
  bytes: Uint8Array,
  options: CallOptions = {},
): AsyncIterableIterator<Buffer, undefined> {
  const left = new AbortController();
  const messages = receive(channel, rpc, bytes, outgoing(rpc, options), left.signal);
  return {
    next: () => messages.next(),
    return: () => {
      left.abort();
      return messages.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* receive(
  channel: Client,
  rpc: RpcContract,
  bytes: Uint8Array,
  { metadata, deadline, signals }: OutgoingCall,
  left: AbortSignal,
): AsyncGenerator<Buffer, undefined, undefined> {
  const call = channel.makeServerStreamRequest(rpc.path, asBuffer, asIs, bytes, metadata, { deadline });
  const cancel = () => call.cancel();
  call.on('error', () => undefined); // Whoever iterates hears of it; whoever has left need not.
  cancelBy([...signals, left], cancel);
  try {
    yield* call as AsyncIterable<Buffer>;
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', cancel);
    cancel();
  }
  return undefined;
}
