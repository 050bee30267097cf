import { promisify } from 'node:util';
import { type DescMessage, fromBinary, fromJson, type JsonValue, type Message, toBinary } from '@bufbuild/protobuf';
import {
  Server,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import type { DomainError } from '@malla/chassis/errors';
import { toStatus } from '@malla/chassis/status';
import { mesh } from '@malla/chassis/testing/certificates';
import { serverCredentials } from '@malla/chassis/tls';
import type { RpcContract } from '@malla/proto/contract';
import { HealthImplementation } from 'grpc-health-check';
import { contract, rpcOf } from './contract.ts';

export type UnaryCall = ServerUnaryCall<Buffer, Buffer>;
export type ImportCall = ServerReadableStream<Buffer, Buffer>;
export type StreamCall = ServerWritableStream<Buffer, Buffer>;
type AnyMessage = Message & Record<string, never>;

/** Answers the JSON of the response message. Throws a DomainError or whatever grpc-js takes for a status. */
export type UnaryFake = (request: AnyMessage, call: UnaryCall) => JsonValue | Promise<JsonValue>;
/** Writes to a server stream by itself. */
export type StreamFake = (request: AnyMessage, call: StreamCall, write: (json: JsonValue) => boolean) => void;

/** Takes a client stream by itself. `messages` is a list of the call's own, to fill. */
export type ImportFake = (messages: Buffer[], call: ImportCall, answer: (json: JsonValue) => void) => void;

/** What a fake of a service answers, by service and RPC: `EchoService/Echo`. */
export interface Fakes {
  readonly unary?: Readonly<Record<string, UnaryFake>>;
  readonly streams?: Readonly<Record<string, StreamFake>>;
  readonly imports?: Readonly<Record<string, ImportFake>>;
}

/** A service behind the gateway, over real gRPC and mutual TLS. */
export interface Upstream {
  readonly port: number;
  readonly health: HealthImplementation;
  /** The requests that came, by RPC. */
  readonly calls: { readonly rpc: string; readonly request: Message; readonly metadata: UnaryCall['metadata'] }[];
  stop(): Promise<void>;
}

/** Starts a fake of a service. */
export async function startUpstream(service: string, fakes: Fakes): Promise<Upstream> {
  const server = new Server();
  const calls: Upstream['calls'] = [];
  const health = new HealthImplementation({ '': 'SERVING' });
  health.addToServer(server);
  const see = (name: string, rpc: RpcContract) => (call: Pick<UnaryCall, 'request' | 'metadata'>) => {
    const request = fromBinary(rpc.method.input, call.request) as AnyMessage;
    calls.push({ rpc: name, request, metadata: call.metadata });
    return request;
  };
  for (const [name, fake] of Object.entries(fakes.unary ?? {})) {
    const rpc = rpcOf(name);
    server.addService({ [name]: methodDefinition(rpc) }, { [name]: unary(rpc, fake, see(name, rpc)) });
  }
  for (const [name, fake] of Object.entries(fakes.streams ?? {})) {
    const rpc = rpcOf(name);
    const seen = see(name, rpc);
    const handler = (call: StreamCall) =>
      fake(seen(call), call, (json) => call.write(bytesOf(rpc.method.output, json)));
    server.addService({ [name]: methodDefinition(rpc) }, { [name]: handler });
  }
  for (const [name, fake] of Object.entries(fakes.imports ?? {})) {
    const rpc = rpcOf(name);
    const handler = (call: ImportCall, callback: sendUnaryData<Buffer>) =>
      fake([], call, (json) => callback(null, bytesOf(rpc.method.output, json)));
    server.addService({ [name]: methodDefinition(rpc) }, { [name]: handler });
  }
  const tls = await (await mesh).issue(service);
  const port = await promisify(server.bindAsync.bind(server))('127.0.0.1:0', serverCredentials(tls));
  return { port, health, calls, stop: async () => server.forceShutdown() };
}

function unary(rpc: RpcContract, fake: UnaryFake, seen: (call: UnaryCall) => AnyMessage) {
  return async (call: UnaryCall, callback: sendUnaryData<Buffer>) => {
    try {
      callback(null, bytesOf(rpc.method.output, await fake(seen(call), call)));
    } catch (error) {
      callback((error as Error).name === 'DomainError' ? toStatus(error as DomainError) : (error as never));
    }
  };
}

function methodDefinition({ path, method }: RpcContract) {
  return {
    path,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

function bytesOf(type: DescMessage, json: JsonValue): Buffer {
  return Buffer.from(toBinary(type, fromJson(type, json, { registry: contract.registry })));
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
