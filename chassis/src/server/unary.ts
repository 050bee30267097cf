import type { handleUnaryCall } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';
import { type CallServices, decodeRequest, runCall } from './call.ts';
import type { CallContext } from './context.ts';

/** Answers one request. Throws a DomainError to refuse it; whatever else it throws is a fault of ours. */
export type UnaryHandler<Request, Response> = (request: Request, call: CallContext) => Promise<Response>;

/** How the messages of a method are read and written, as in a ts-proto service definition. */
export interface Codec<Request, Response> {
  readonly requestDeserialize: (bytes: Buffer) => Request;
  readonly responseSerialize: (response: Response) => Buffer;
}

/**
 * Wraps a handler into what grpc-js calls. Whatever the handler does, and whenever, exactly one answer is sent, nothing it
 * threw escapes, and one line is logged. The answer does not wait for a handler that outlives its deadline.
 */
export function unary<Request, Response>(
  rpc: RpcContract,
  codec: Codec<Request, Response>,
  handler: UnaryHandler<Request, Response>,
  services: CallServices,
): handleUnaryCall<Buffer, Buffer> {
  return (call, callback) => {
    const work = async (context: CallContext) =>
      codec.responseSerialize(await handler(decodeRequest(codec.requestDeserialize, call.request), context));
    runCall(call, rpc, services, work, {
      succeed: (bytes) => callback(null, bytes),
      fail: (told) => callback(told),
    });
  };
}
