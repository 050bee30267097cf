import { isIPv4, isIPv6 } from 'node:net';

/** IPv4 as IPv6 sockets (RFC 4291, section 2.5.5.2) and NAT64 gateways (RFC 6052) write it: the last 32 of 128 bits. */
const EMBEDDED_IPV4 = ['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0'];
const BRACKETED = /^\[([^[\]]+)\](?::\d{1,5})?$/;
const IPV4_AND_PORT = /^([\d.]+):\d{1,5}$/;
const GROUPS = 8;
/** A single client commonly has all addresses of a /64. */
const CLIENT_GROUPS = 4;

/**
 * The one form in which a client's address is counted, logged, stored and passed on: IPv4 in dotted decimal, also when it is
 * mapped into IPv6; of IPv6 the network of 64 bits that one client has, as `2001:db8:0:1::/64`. The form of a form is itself.
 * @param text as `plainAddress` takes it.
 * @returns undefined for what is no address.
 */
export function clientAddress(text: string): string | undefined {
  const address = plainAddress(text.replace(/(?<=:)\/64$/, ''));
  if (address === undefined || isIPv4(address)) return address;
  return networkOf(groupsOf(address).slice(0, CLIENT_GROUPS));
}

/**
 * A single address without what stands around it. A port is dropped, since proxies write `192.0.2.1:4711` and
 * `[2001:db8::1]:4711` into `X-Forwarded-For`; so is a zone. IPv4 that is embedded in IPv6 becomes IPv4.
 * @returns undefined for what is no address.
 */
export function plainAddress(text: string): string | undefined {
  const trimmed = text.trim();
  const [, bare = trimmed] = BRACKETED.exec(trimmed) ?? IPV4_AND_PORT.exec(trimmed) ?? [];
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return undefined;
  const address = bare.replace(/%.*$/s, '');
  const groups = groupsOf(address);
  const prefix = groups.slice(0, -2).map((group) => group.toString(16));
  if (!EMBEDDED_IPV4.includes(prefix.join(':'))) return address;
  return groups
    .slice(-2)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
}

/** The 8 groups of 16 bits of an IPv6 address. */
function groupsOf(address: string): number[] {
  const hex = address.replace(/[\d.]+\.[\d.]+$/, (dotted) => {
    const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [left = [], right = []] = hex.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = Array<string>(GROUPS - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}

/** As RFC 5952 writes it: the zeros that reach the host's part are `::`. */
function networkOf(groups: readonly number[]): string {
  const last = groups.findLastIndex((group) => group !== 0);
  const shown = groups.slice(0, last + 1).map((group) => group.toString(16));
  return `${shown.join(':')}::/64`;
}
