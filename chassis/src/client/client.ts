import type { Client, ServiceDefinition } from '@grpc/grpc-js';
import type { Contract } from '@malla/proto/contract';
import { type CallOptions, callUnary } from './channel.ts';

/** A client of a ts-proto service: one async function for each unary method. */
export type ServiceClient<Definition> = {
  readonly [Name in keyof Definition as Definition[Name] extends { readonly responseStream: false }
    ? Name
    : never]: Definition[Name] extends {
    readonly requestSerialize: (request: infer Request) => Buffer;
    readonly responseDeserialize: (bytes: Buffer) => infer Response;
  }
    ? (request: Request, options?: CallOptions) => Promise<Response>
    : never;
};

/**
 * Makes a client of a service over a channel from `openChannel`. Deadline, cancellation, user and trace follow from the
 * contract and from the call that runs now. Its functions reject with the ServiceError of grpc-js.
 */
export function createClient<Definition extends ServiceDefinition>(
  channel: Client,
  definition: Definition,
  contract: Contract,
): ServiceClient<Definition> {
  const methods = Object.entries(definition).filter(([, method]) => !method.requestStream && !method.responseStream);
  const functions = methods.map(([name, method]) => {
    const rpc = contract.rpcs.get(method.path);
    if (!rpc) throw new Error(`${method.path} is not in the contract`);
    const call = async (request: object, options?: CallOptions) => {
      const { bytes } = await callUnary(channel, rpc, method.requestSerialize(request), options);
      return method.responseDeserialize(bytes);
    };
    return [name, call];
  });
  return Object.fromEntries(functions) as ServiceClient<Definition>;
}
