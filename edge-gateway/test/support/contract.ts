import { create, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { type Contract, loadContract, mallaContract, type RpcContract } from '@malla/proto/contract';
import { testingContract } from '@malla/proto/testing';

/** Malla's own contract and the one for tests, as one. */
export const contract: Contract = merge(mallaContract(), testingContract());

function merge(...contracts: readonly Contract[]): Contract {
  const files = new Map(contracts.flatMap(({ descriptorSet }) => descriptorSet.file.map((file) => [file.name, file])));
  return loadContract(
    toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [...files.values()] })),
  );
}

/** The contract of an RPC, by its service's and its own name: `TranscodingService/GetThing`. */
export function rpcOf(name: string) {
  const rpc = [...contract.rpcs.values()].find(({ path }) => path.endsWith(`.${name}`));
  if (!rpc) throw new Error(`no ${name}`);
  return rpc;
}

/** What the contract says instead of some RPCs, by their names. */
export type Changes = Readonly<Record<string, { policy?: Partial<RpcContract['policy']>; http?: RpcContract['http'] }>>;

/** The contract with those changes. */
export function withChanges(changes: Changes): Contract {
  const changed = Object.entries(changes).map(([name, { policy, http }]) => {
    const rpc = rpcOf(name);
    return [rpc.path, { ...rpc, policy: { ...rpc.policy, ...policy }, ...(http && { http }) }] as const;
  });
  return { ...contract, rpcs: new Map([...contract.rpcs, ...changed]) };
}
