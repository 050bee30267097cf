import type { MethodDefinition, ServiceDefinition, UntypedHandleCall } from '@grpc/grpc-js';
import type { Contract, RpcContract } from '@malla/proto/contract';
import { DomainError } from '../lib/errors.ts';
import type { ValidateMessage } from '../validation/validation.ts';
import type { CallServices } from './call.ts';
import { type ClientStreamHandler, clientStream } from './client-stream.ts';
import { type StreamHandler, serverStream } from './server-stream.ts';
import { type Codec, type UnaryHandler, unary } from './unary.ts';

/** A handler for every method of a ts-proto service definition. */
export type Handlers<Definition> = {
  readonly [Name in keyof Definition]: Definition[Name] extends {
    readonly requestStream: infer Uploads;
    readonly responseStream: infer Streams;
    readonly requestDeserialize: (bytes: Buffer) => infer Request;
    readonly responseSerialize: (response: infer Response) => Buffer;
  }
    ? Uploads extends true
      ? ClientStreamHandler<Request, Response>
      : Streams extends true
        ? StreamHandler<Request, Response>
        : UnaryHandler<Request, Response>
    : never;
};

/** A service definition with its handlers. */
export interface Implementation {
  readonly definition: ServiceDefinition;
  readonly handlers: Readonly<Record<string, unknown>>;
}

/** Pairs a service definition with its handlers; the compiler sees to it that they fit. */
export function implement<Definition extends ServiceDefinition>(
  definition: Definition,
  handlers: Handlers<Definition>,
): Implementation {
  return { definition, handlers };
}

/** The full name of a service: `malla.users.v1.UsersService`. */
export function serviceName({ definition }: Implementation): string {
  const [method] = Object.values(definition);
  return method?.path.split('/')[1] ?? '';
}

/**
 * Wraps every handler of a service, and changes its definition to hand requests over as bytes.
 * @throws Error naming an RPC that the contract does not know (and so has no policy), or that has no handler, or whose rules
 *   are wrong.
 */
export function wrap(
  { definition, handlers }: Implementation,
  contract: Contract,
  services: CallServices,
): { definition: ServiceDefinition; handlers: Record<string, UntypedHandleCall> } {
  const methods = Object.entries(definition).map(([name, method]) => {
    const rpc = contract.rpcs.get(method.path);
    if (!rpc) throw new Error(`${method.path} is not in the contract: it has no policy, and so may not be served`);
    const handler = handlers[name];
    if (typeof handler !== 'function') throw new Error(`${method.path} has no handler`);
    if (method.requestStream && method.responseStream)
      throw new Error(`${method.path}: streams both ways are not served`);
    compileRules(rpc, services.validate);
    const wrapped = wrapOne(rpc, method, handler, services);
    return { name, raw: { ...method, requestDeserialize: asIs, responseSerialize: asIs }, wrapped };
  });
  return {
    definition: Object.fromEntries(methods.map(({ name, raw }) => [name, raw])),
    handlers: Object.fromEntries(methods.map(({ name, wrapped }) => [name, wrapped as UntypedHandleCall])),
  };
}

function wrapOne(
  rpc: RpcContract,
  method: MethodDefinition<unknown, unknown>,
  handler: unknown,
  services: CallServices,
) {
  const codec = method as unknown as Codec<unknown, unknown>;
  if (method.requestStream) {
    return clientStream(rpc, codec, handler as ClientStreamHandler<unknown, unknown>, services);
  }
  return method.responseStream
    ? serverStream(rpc, codec, handler as StreamHandler<unknown, unknown>, services)
    : unary(rpc, codec, handler as UnaryHandler<unknown, unknown>, services);
}

/** Rules are compiled when they are first used: better now than in a client's call, and a wrong one should stop the start. */
function compileRules({ path, method }: RpcContract, validate: ValidateMessage): void {
  try {
    validate(method.input, new Uint8Array());
  } catch (error) {
    if (!(error instanceof DomainError)) throw new Error(`${path} has a rule that cannot be used`, { cause: error });
  }
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
