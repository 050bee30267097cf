import type { RpcContract } from '@malla/proto/contract';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';

/** For whom a call works: for anybody at the edge, for a user at the edge, or for a service of the mesh. */
export type Party = 'public' | 'user' | 'mesh';

/** The one service that passes on the calls of public clients. */
const EDGE = 'edge-gateway';

/**
 * The party that a call counts for. Only a certificate makes a call one of the mesh: what the gateway passes on, and what a
 * developer's tool sends, is the call of a public client.
 * @param peer the service that the caller's certificate names; undefined for a developer.
 */
export function partyOf({ rpc, peer }: { readonly rpc: RpcContract; readonly peer: string | undefined }): Party {
  const { access } = rpc.policy;
  if (peer !== undefined && (peer !== EDGE || access === Access.SERVICE)) return 'mesh';
  return access === Access.PUBLIC ? 'public' : 'user';
}
