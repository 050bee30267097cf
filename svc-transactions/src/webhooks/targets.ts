import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { WebhookTargets } from '../domain/webhooks/ports.ts';
import { isPublicAddress } from './public-address.ts';

/** Finds the addresses of a host. @throws Error when there are none. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** Why nothing is sent to a URL. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
  readonly reason: 'ADDRESS_REFUSED' | 'HOST_UNRESOLVED' | 'TIMEOUT';

  constructor(reason: TargetError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export interface Targets extends WebhookTargets {
  /**
   * Finds where a URL leads now. A connection goes to these addresses and to no other: a name that leads elsewhere a moment
   * later changes nothing.
   * @throws TargetError.
   */
  resolve(url: string): Promise<{ readonly url: URL; readonly addresses: readonly string[] }>;
}

const DNS = { timeout: 2_000, tries: 2 };
/** Whoever gives a URL waits for an answer: name servers have so long for a host, whoever runs them. */
const RESOLVE_MS = 3_000;
/** Names that are never on the public internet (RFC 6761, RFC 6762, RFC 8375, and the one that ICANN reserved for this). */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal|home\.arpa)$/;
const NOT_PUBLIC = 'must have a host on the public internet';

/**
 * @param allowedHosts hosts (`localhost`, or `localhost:8080` for one port) for which the rules do not hold: http is fine, and
 *   so is any address. For development and tests.
 */
export function createTargets(
  allowedHosts: readonly string[],
  resolvePublic: Resolve = askNameServers,
  resolveMs = RESOLVE_MS,
): Targets {
  const find = (hostname: string, ask: Resolve) => within(resolveMs, findAll(hostname, ask));
  const isAllowed = ({ host, hostname }: URL) => allowedHosts.includes(host) || allowedHosts.includes(hostname);
  const resolve: Targets['resolve'] = async (text) => {
    const url = parse(text, isAllowed);
    const hostname = url.hostname.replace(/^\[|\]$/g, '');
    if (isAllowed(url)) return { url, addresses: isIP(hostname) ? [hostname] : await find(hostname, askSystem) };
    if (isIP(hostname) === 0) checkName(hostname);
    const addresses = isIP(hostname) ? [hostname] : await find(hostname, resolvePublic);
    if (!addresses.every(isPublicAddress)) throw new TargetError('ADDRESS_REFUSED', NOT_PUBLIC);
    return { url, addresses };
  };
  return {
    resolve,
    faultOf: async (text) => {
      try {
        await resolve(text);
        return undefined;
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        return error.reason === 'HOST_UNRESOLVED' ? undefined : error.message;
      }
    },
  };
}

/** Numbers in a host, in whatever base, have become an IPv4 address when it is parsed (WHATWG URL). */
function parse(text: string, isAllowed: (url: URL) => boolean): URL {
  if (!URL.canParse(text)) throw new TargetError('ADDRESS_REFUSED', 'must be an absolute URL');
  const url = new URL(text);
  const isSecure = url.protocol === 'https:';
  const isPlainAllowed = url.protocol === 'http:' && isAllowed(url);
  if (!isSecure && !isPlainAllowed) throw new TargetError('ADDRESS_REFUSED', 'must start with https://');
  if (url.username !== '' || url.password !== '') throw new TargetError('ADDRESS_REFUSED', 'must hold no credentials');
  return url;
}

function checkName(hostname: string): void {
  const name = hostname.replace(/\.$/, '');
  if (!name.includes('.') || LOCAL_NAME.test(name)) throw new TargetError('ADDRESS_REFUSED', NOT_PUBLIC);
}

async function findAll(hostname: string, resolve: Resolve): Promise<readonly string[]> {
  const addresses = await resolve(hostname).catch((cause: unknown) => {
    throw new TargetError('HOST_UNRESOLVED', 'the host is not found', { cause });
  });
  if (addresses.length === 0) throw new TargetError('HOST_UNRESOLVED', 'the host has no address');
  return addresses;
}

async function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  const late = new TargetError('TIMEOUT', `must have a host that is found within ${ms / 1_000} s`);
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(reject, ms, late);
  });
  return Promise.race([work, over]).finally(() => clearTimeout(timer));
}

/** Asks name servers, which can be slow, without the threads that everything else in the process resolves names with. */
async function askNameServers(hostname: string): Promise<readonly string[]> {
  const resolver = new Resolver(DNS);
  const asked = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  return asked.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
}

/** Asks as other programs of this machine do, `/etc/hosts` included. */
async function askSystem(hostname: string): Promise<readonly string[]> {
  return (await lookup(hostname, { all: true })).map(({ address }) => address);
}
