import { fromBinary, fromJson, type JsonObject, toBinary, toJson } from '@bufbuild/protobuf';
import type { Client } from '@grpc/grpc-js';
import type { Contract, RpcContract } from '@malla/proto/contract';
import { type CallOptions, callUnary } from '../client/channel.ts';
import { callServerStream } from '../client/stream-call.ts';
import { isServiceError, readStatus } from '../lib/status.ts';

/**
 * One request for each RPC, by `Service/Method`, made of ids; or the reason why an RPC has none: nothing in it names what is
 * not public.
 */
export type Requests<Ids> = Readonly<Record<string, string | ((ids: Ids) => JsonObject)>>;

/** Every RPC of a package that customers can reach, by `Service/Method`. */
export function reachableRpcs(contract: Contract, packageName: string): Map<string, RpcContract> {
  const reachable = [...contract.rpcs.values()].filter(
    ({ http, service }) => http !== undefined && service.startsWith(`${packageName}.`),
  );
  return new Map(reachable.map((rpc) => [`${rpc.method.parent.name}/${rpc.method.name}`, rpc]));
}

/** Calls an RPC, and reads the first message of a stream. @returns its answer or failure as text, with each id replaced by its name. */
export async function answerWithoutIds(
  channel: Client,
  rpc: RpcContract,
  requestOf: (ids: Readonly<Record<string, string>>) => JsonObject,
  ids: Readonly<Record<string, string>>,
  options: CallOptions,
): Promise<string> {
  const said = JSON.stringify(await answer(channel, rpc, requestOf(ids), options));
  return Object.entries(ids).reduce((text, [name, id]) => text.replaceAll(id, `<${name}>`), said);
}

async function answer(channel: Client, rpc: RpcContract, request: JsonObject, options: CallOptions): Promise<unknown> {
  const bytes = toBinary(rpc.method.input, fromJson(rpc.method.input, request));
  try {
    const answered = await firstBytes(channel, rpc, bytes, options);
    return { answered: answered && toJson(rpc.method.output, fromBinary(rpc.method.output, answered)) };
  } catch (error) {
    if (!isServiceError(error)) throw error;
    return { refused: readStatus(error) };
  }
}

async function firstBytes(channel: Client, rpc: RpcContract, bytes: Uint8Array, options: CallOptions) {
  if (rpc.method.methodKind === 'unary') return (await callUnary(channel, rpc, bytes, options)).bytes;
  for await (const message of callServerStream(channel, rpc, bytes, options)) return message;
  return undefined;
}
