import { readFileSync } from 'node:fs';
import type { Logger } from '@malla/chassis/logger';
import { createMetrics, type Metrics } from '@malla/chassis/metrics';
import { loadMeshTls } from '@malla/chassis/tls';
import { createTokenVerifier } from '@malla/chassis/token-verifier';
import type { Contract } from '@malla/proto/contract';
import fastify, { LogController } from 'fastify';
import { addAdmission, addAuthentication } from './admission/authentication.ts';
import { addBodyPace } from './admission/body-pace.ts';
import { addPageLimit } from './admission/page-limit.ts';
import { addRateLimit } from './admission/rate-limit.ts';
import { addRefusalLimit } from './admission/refusal-limit.ts';
import { addRefusedBytes } from './admission/refused-bytes.ts';
import { addStreamLimit } from './admission/stream-limit.ts';
import { addAnswerPieces } from './answers/answer-pieces.ts';
import { addCompression } from './answers/compression.ts';
import { addEncodedEtags } from './answers/encoded-etags.ts';
import { addAccessLog } from './arrival/access-log.ts';
import type { App } from './arrival/app-types.ts';
import { addCors, addSecurityHeaders } from './arrival/browser-safety.ts';
import { addClientAddress } from './arrival/client-address.ts';
import { addHeadFaults } from './arrival/head-faults.ts';
import { addNegotiation } from './arrival/negotiation.ts';
import { addRequestContext, requestIdOf } from './arrival/request-context.ts';
import { addRequestMetrics } from './arrival/request-metrics.ts';
import { createRouting, type Routing } from './arrival/routing.ts';
import { ignoreBodies } from './body/no-body.ts';
import type { Config } from './config.ts';
import { answerClientError } from './connection/answer-client-error.ts';
import { type Connections, guardConnections } from './connection/connections.ts';
import { addDrain, type Drain } from './connection/drain.ts';
import { endEarlyAnswers } from './connection/end-early-answers.ts';
import { followCertificate } from './connection/follow-certificate.ts';
import { HTTP_LIMITS } from './connection/http-limits.ts';
import { refuseExpectations } from './connection/refuse-expectations.ts';
import { trustedProxies } from './connection/trusted-proxies.ts';
import { breakOffUnreadAnswers } from './connection/unread-answers.ts';
import { addUnreadBodies } from './connection/unread-bodies.ts';
import { openApiDocument } from './openapi/document.ts';
import { addDocumentPages } from './pages/document-pages.ts';
import { addHealthPages } from './pages/health-pages.ts';
import { addProblemHandler } from './problems/problem-handler.ts';
import { addRpcRoutes } from './routes/rpc-routes.ts';
import { AJV } from './transcoding/schema/ajv-options.ts';
import { createUpstreamCheck } from './upstreams/readiness.ts';
import { tokenIssuers } from './upstreams/token-issuers.ts';
import { openUpstreams } from './upstreams/upstreams.ts';

const MIB = 1_048_576;

/** The parts of the gateway. */
export interface Gateway {
  readonly app: App;
  /** The routes of all requests. Pages beside the contract are added here before the gateway listens. */
  readonly routing: Routing;
  /** Undefined when no metrics port is configured. */
  readonly metrics: Metrics | undefined;
  readonly connections: Connections;
  readonly drain: Drain;
}

/**
 * Builds the gateway: routes for every annotated RPC of the contract that an upstream serves. The caller listens.
 * @throws Error when the contract, the certificates or the upstreams are unusable.
 */
export async function createApp(config: Config, contract: Contract, log: Logger): Promise<Gateway> {
  const routing = createRouting();
  const proxies = trustedProxies(config.TRUST_PROXY);
  const app = createFastify(config, log, routing);
  // Before the gateway listens: the first connection counts.
  const connections = guardConnections(app.server, proxies, {
    max: config.CONNECTIONS_MAX,
    perClientMax: config.CONNECTIONS_PER_CLIENT_MAX,
    handshakesPerSecond: config.HANDSHAKES_PER_CLIENT_PER_SECOND,
  });
  const upstreams = openUpstreams(config.UPSTREAMS, contract, loadMeshTls(config));
  app.addHook('onClose', async () => upstreams.close());

  // The order of these lines is the order in which a request meets the hooks of one kind.
  // Before every scope of routes: a scope inherits the hooks that exist when it is made.
  const drain = addDrain(app);
  // Before every scope of routes, for the same reason: each route can answer before the end of its body.
  addUnreadBodies(app);

  // Before every hook that can refuse a request: refused requests are logged, too.
  addAccessLog(app, routing);
  const metrics = createMetrics(config, log);
  // Beside the access log: refused requests are measured, too.
  if (metrics) addRequestMetrics(app, routing, metrics);
  // Before every scope of routes: a scope inherits the error handler that exists when it is made.
  addProblemHandler(app, routing);
  // First of the onRequest hooks: every answer, a refusal included, carries X-Request-Id.
  addRequestContext(app);
  // Before the page limit and the rate limits: they count by this address.
  addClientAddress(app, proxies);
  // Before every hook below that can refuse or answer: those answers carry the security headers.
  addSecurityHeaders(app);
  // After the client address, which it counts by. Before CORS: a preflight costs its client a call.
  addPageLimit(app, config.RATE_LIMIT_PAGE_PER_MINUTE);
  // Before authentication: a preflight carries no token.
  await addCors(app, config.CORS_ORIGINS, routing);
  // After CORS: scripts of allowed origins can read the refusal. Before authentication: a repeated token is ambiguous.
  addHeadFaults(app);
  // Before the ETags and the pieces: both work on the compressed answer. Before every route: an onRoute hook sees later routes only.
  await addCompression(app);
  // After compression: the tag names the encoding. Before the pieces, and before every route.
  addEncodedEtags(app);
  // After compression and ETags: nothing changes an answer once it is cut. Before every route.
  addAnswerPieces(app);
  // Before every route: handlers choose the media type by the Accept header that this hook simplifies.
  await addNegotiation(app);
  // After CORS: the page of an allowed origin can read a 401. Before the rate limit: it counts by the user of the token.
  addAuthentication(app, createTokenVerifier(tokenIssuers(config, contract, upstreams)));
  // After authentication, which names the user. Before admission: a guess at a token costs as much as a call.
  await addRateLimit(app, config);
  // After the client address, which it counts by. Before every route: a refused webhook never reaches the service.
  addRefusalLimit(app, config.RATE_LIMIT_CREDENTIAL_PER_MINUTE);
  // After authentication: it counts by user. Before the routes: they read bodies, and imports spend this budget.
  const spendRefused = addRefusedBytes(app, config.RATE_LIMIT_REFUSED_MIB_PER_MINUTE * MIB);
  // After the client address, which it counts by. Before the routes: no byte of a body is read before its time has come.
  const paceLines = addBodyPace(app, config.LARGE_BODIES_MIB_PER_SECOND);
  // After the budgets: they count the request that is refused here. Before the stream limit: only admitted users take places.
  addAdmission(app);
  // After admission, which proves the user. Last of the onRequest hooks for streams: a refused request takes no place.
  addStreamLimit(app, config);
  // After every hook above: security headers, page limit and error handler apply to pages.
  addHealthPages(app, routing, createUpstreamCheck(upstreams), drain.isDraining);
  const shared = { spendRefused, paceLines, streamsEnd: drain.streamsEnd };
  // After every hook: the routes make scopes, and a scope misses what is added later.
  const { transcoders, schemas } = await addRpcRoutes(app, contract, upstreams, routing, shared);
  // After the RPC routes: the document describes what they made.
  addDocumentPages(app, routing, openApiDocument(contract, transcoders, schemas));
  return { app, routing, metrics, connections, drain };
}

function createFastify(config: Config, log: Logger, routing: Routing): App {
  const shown = { cert: readFileSync(config.HTTPS_CERT_FILE), key: readFileSync(config.HTTPS_KEY_FILE) };
  const app: App = fastify({
    http2: true,
    https: {
      allowHTTP1: true,
      ...shown,
      ...HTTP_LIMITS.server,
    },
    ...HTTP_LIMITS.fastify,
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    // A logger for each request costs more than writing its id into the one or two lines that it gets.
    childLoggerFactory: (logger) => logger,
    genReqId: (request) => requestIdOf(request.headers['x-request-id']),
    ajv: AJV as object,
    rewriteUrl: (request) => routing.rewriteUrl(request),
    clientErrorHandler: (error, socket) => answerClientError(error, socket, routing),
    // Connections that are still in use while the gateway drains are served to the end.
    return503OnClosing: false,
  });
  // Before the gateway listens, as are the three lines for the server below: they cover the first connection.
  const stopFollowing = followCertificate(app.server, config, shown);
  app.addHook('onClose', async () => stopFollowing());
  // Before endEarlyAnswers, which puts its listener in front of this one: a 417 ends like any early answer.
  refuseExpectations(app.server);
  // After Fastify is made: its listener goes in front of Fastify's, so that it sees a request before anything answers.
  endEarlyAnswers(app.server);
  // After Fastify is made, in any order with the line above: it watches answers, and changes no request.
  breakOffUnreadAnswers(app.server, config.ANSWER_STALL_TIMEOUT_MS);
  // Before every scope of routes: each scope of RPCs replaces this parser with its own.
  ignoreBodies(app);
  return app;
}
