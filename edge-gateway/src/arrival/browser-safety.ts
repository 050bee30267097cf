import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from '@fastify/cors';
import helmet from 'helmet';
import type { App, Request } from './app-types.ts';
import type { Routing } from './routing.ts';

/** The headers of an answer that scripts of other origins may read. */
const EXPOSED_HEADERS = [
  'Age',
  'Allow',
  'ETag',
  'Idempotent-Replayed',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
];
const PREFLIGHT_SECONDS = 600;

/** The headers that keep browsers safe, by lower-case name. */
export type SecurityHeaders = Readonly<Record<string, string>>;

/** Computes helmet's headers once: they are the same for every answer. @param policy the Content-Security-Policy. */
export function securityHeaders(policy: Readonly<Record<string, readonly string[]>>): SecurityHeaders {
  const headers: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => undefined,
  };
  const middleware = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { ...policy, frameAncestors: ["'none'"] } },
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: true },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    // CORS decides which other origins may read an answer.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  });
  middleware({} as IncomingMessage, response as unknown as ServerResponse, () => undefined);
  return headers;
}

/** Adds the headers to every answer. The gateway serves data: but for its pages, nothing in an answer may run or be shown. */
export function addSecurityHeaders(app: App): void {
  const data = securityHeaders({ defaultSrc: ["'none'"] });
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(request.routeOptions.config.securityHeaders ?? data);
    done();
  });
}

/** Answers `OPTIONS`: preflights of the allowed origins (CORS), and everybody else with what a path takes. */
export async function addCors(app: App, origins: readonly string[], routing: Routing): Promise<void> {
  app.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'OPTIONS' || (origins.length > 0 && isPreflight(request))) return done();
    // A `custom` rule may take this method itself.
    if (routing.routed(request.raw).outcome.kind === 'found') return done();
    const allow = routing.refusal(request.raw);
    if (allow.statusCode !== 405) return done(allow);
    void reply.code(204).headers(allow.headers).send();
  });
  if (origins.length === 0) return;
  const options = {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
  };
  const others = { ...options, preflight: false };
  await app.register(cors, {
    delegator: (request, done) => done(null, isPreflight(request) ? options : others),
  });
}

function isPreflight({ method, headers }: Pick<Request, 'method' | 'headers'>): boolean {
  return method === 'OPTIONS' && Boolean(headers.origin && headers['access-control-request-method']);
}
