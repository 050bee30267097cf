import ipaddr from 'ipaddr.js';

/** What IANA has handed out of IPv6 for the public internet. Everything else is special, or nobody's. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/** Azure's virtual machines find their platform there, metadata and DNS included; it is the same one for all of them. */
const AZURE_PLATFORM = '168.63.129.16';

/**
 * Whether an address is one on the public internet: not private, loopback, link-local (where clouds keep their metadata),
 * a cloud's own, shared (RFC 6598), multicast, reserved or for documentation, and not one that hides an IPv4 address in an IPv6 one (mapped,
 * compatible, NAT64, 6to4, Teredo).
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast' || address.toString() === AZURE_PLATFORM) return false;
  return address.kind() === 'ipv4' || address.match(GLOBAL_UNICAST);
}
