import type { Client } from '@grpc/grpc-js';
import { openChannel } from '@malla/chassis/channel';
import type { MeshTls } from '@malla/chassis/tls';
import type { Contract, RpcContract } from '@malla/proto/contract';

/** The services behind the gateway. */
export interface Upstreams {
  readonly names: readonly string[];
  /** The channel of the service that serves an RPC; undefined when that service is not behind this gateway. */
  channelFor(rpc: RpcContract): Client | undefined;
  channelOf(name: string): Client;
  close(): void;
}

/** The service that serves a package: `malla.users.v1.UsersService` is served by `svc-users`. */
export function upstreamNameOf({ service }: RpcContract): string {
  return `svc-${service.split('.')[1]}`;
}

/**
 * Opens a channel to every upstream.
 * @param targets gRPC targets by service name: `svc-users` to `dns:///svc-users:50051`.
 * @throws Error naming an upstream that serves nothing of the contract.
 */
export function openUpstreams(targets: ReadonlyMap<string, string>, contract: Contract, tls: MeshTls): Upstreams {
  const served = new Set([...contract.rpcs.values()].map(upstreamNameOf));
  const strangers = [...targets.keys()].filter((name) => !served.has(name));
  if (strangers.length > 0) throw new Error(`UPSTREAMS: the contract has nothing for ${strangers.join(', ')}`);
  const channels = new Map(
    [...targets].map(([service, target]) => [service, openChannel({ contract, service, target, tls })]),
  );
  return {
    names: [...channels.keys()],
    channelFor: (rpc) => channels.get(upstreamNameOf(rpc)),
    channelOf: (name) => {
      const channel = channels.get(name);
      if (!channel) throw new Error(`${name} is no upstream`);
      return channel;
    },
    close: () => {
      for (const channel of channels.values()) channel.close();
    },
  };
}
