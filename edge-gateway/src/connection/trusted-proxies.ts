import { BlockList, isIPv4 } from 'node:net';
import { clientAddress, plainAddress } from '@malla/chassis/client-address';

/** The proxies whose `X-Forwarded-For` is believed. */
export interface TrustedProxies {
  has(address: string): boolean;
  /**
   * The client behind a connection: the nearest address that is no trusted proxy's, in the form of `clientAddress`.
   * @param peer the address at the other end of the connection.
   * @param forwardedFor the header, whose last entry the nearest proxy wrote.
   * @returns undefined when a proxy that is trusted wrote what is no address.
   */
  clientOf(peer: string, forwardedFor: string | undefined): string | undefined;
}

/** @param proxies addresses and CIDR ranges. */
export function trustedProxies(proxies: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  const has = (address: string) => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  return {
    has: (address) => has(plainAddress(address) ?? address),
    clientOf: (peer, forwardedFor) => {
      let client = plainAddress(peer);
      const hops = forwardedFor ? forwardedFor.split(',') : [];
      while (client !== undefined && hops.length > 0 && has(client)) client = plainAddress(hops.pop() ?? '');
      return client && clientAddress(client);
    },
  };
}
