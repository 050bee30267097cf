import { callUnary } from '@malla/chassis/channel';
import { type FetchKeys, remoteKeys } from '@malla/chassis/key-source';
import { externalIssuer, ownIssuer, type TrustedIssuer } from '@malla/chassis/token-verifier';
import type { Contract } from '@malla/proto/contract';
import type { Config } from '../config.ts';
import { messageToJson } from '../transcoding/response/response.ts';
import type { Upstreams } from './upstreams.ts';

const JWKS_PATH = '/.well-known/jwks.json';

/**
 * The issuers whose tokens are accepted: our own, whose keys come from the RPC that answers `/.well-known/jwks.json`, and
 * the external ones of the configuration.
 * @throws Error when no upstream has such an RPC.
 */
export function tokenIssuers(config: Config, contract: Contract, upstreams: Upstreams): TrustedIssuer[] {
  const keys = remoteKeys(`${config.TOKEN_ISSUER.replace(/\/$/, '')}${JWKS_PATH}`, ownKeys(contract, upstreams));
  return [ownIssuer(config.TOKEN_ISSUER, config.TOKEN_AUDIENCE, keys), ...config.EXTERNAL_ISSUERS.map(externalIssuer)];
}

function ownKeys(contract: Contract, upstreams: Upstreams): FetchKeys {
  const rpc = [...contract.rpcs.values()].find(({ http }) => http?.pattern.value === JWKS_PATH);
  const channel = rpc && upstreams.channelFor(rpc);
  if (!channel) throw new Error(`no upstream answers ${JWKS_PATH}, so the keys of our own tokens are nowhere`);
  return async (signal) => {
    const { bytes } = await callUnary(channel, rpc, new Uint8Array(), { signal });
    return JSON.stringify(messageToJson(rpc.method.output, bytes, contract.registry));
  };
}
