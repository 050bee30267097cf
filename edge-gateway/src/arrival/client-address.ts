import type { TrustedProxies } from '../connection/trusted-proxies.ts';
import { HttpProblem, headerProblem } from '../problems/problem.ts';
import type { App, Request } from './app-types.ts';

/** The address of a client whose connection is gone, so that nobody can be asked. */
const GONE = 'unknown';

/**
 * Gives each request the one form of its client's address, before anything is counted or logged by it. Fastify's own
 * `request.ip` is not used: it knows no ports, lets a client of a /64 be many, and throws once an HTTP/2 client has left.
 */
export function addClientAddress(app: App, proxies: TrustedProxies): void {
  app.decorateRequest('clientAddress', GONE);
  app.addHook('onRequest', (request, _reply, done) => {
    const peer = peerOf(request);
    if (peer === undefined) return done(new HttpProblem(499, 'CLIENT_GONE', 'The client has left.'));
    const address = proxies.clientOf(peer, headerOf(request));
    if (address === undefined) return done(unreadable());
    request.clientAddress = address;
    done();
  });
}

/** The address at the other end of the connection; undefined when that is closed. */
function peerOf({ raw }: Request): string | undefined {
  const socket = 'stream' in raw ? raw.stream?.session?.socket : (raw as Request['raw']).socket;
  try {
    return socket?.remoteAddress;
  } catch {
    // Node throws for the socket of an HTTP/2 session that has ended.
    return undefined;
  }
}

function headerOf({ headers }: Request): string | undefined {
  const header = headers['x-forwarded-for'];
  return typeof header === 'string' ? header : header?.join(',');
}

function unreadable(): HttpProblem {
  const words = 'X-Forwarded-For must list addresses, such as 192.0.2.1 or [2001:db8::1]:4711.';
  return headerProblem(400, 'FORWARDED_FOR_INVALID', 'X-Forwarded-For', words);
}
