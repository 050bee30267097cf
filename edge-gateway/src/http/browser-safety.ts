import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { App } from './app-types.ts';
import type { Routing } from './routing.ts';

/** What of an answer the scripts of other origins may read. */
const EXPOSED_HEADERS = [
  'ETag',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
];
const PREFLIGHT_SECONDS = 600;

/** The headers that keep browsers safe. The gateway serves data: nothing in an answer may run or be framed. */
export async function addSecurityHeaders(app: App): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: true },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    // Whether other origins may read an answer is what CORS says.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  });
}

/** Answers `OPTIONS`: preflights of the allowed origins (CORS), and everybody else with what a path takes. */
export async function addCors(app: App, origins: readonly string[], routing: Routing): Promise<void> {
  app.addHook('onRequest', (request, reply, done) => {
    const { origin, 'access-control-request-method': preflight } = request.headers;
    if (request.method !== 'OPTIONS' || (origins.length > 0 && origin && preflight)) return done();
    const allow = routing.refusal(request.raw);
    if (allow.statusCode !== 405) return done(allow);
    void reply.code(204).headers(allow.headers).send();
  });
  if (origins.length === 0) return;
  await app.register(cors, {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
  });
}
