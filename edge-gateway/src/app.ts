import { readFileSync } from 'node:fs';
import type { Logger } from '@malla/chassis/logger';
import { createMetrics, type Metrics } from '@malla/chassis/metrics';
import { loadMeshTls } from '@malla/chassis/tls';
import { createTokenVerifier } from '@malla/chassis/token-verifier';
import type { Contract } from '@malla/proto/contract';
import fastify, { LogController } from 'fastify';
import { addAdmission, addAuthentication } from './admission/authentication.ts';
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

/** What the gateway is made of. */
export interface Gateway {
  readonly app: App;
  /** Where each request goes. Pages of one's own are added here before the gateway listens. */
  readonly routing: Routing;
  /** Undefined when they are not served. */
  readonly metrics: Metrics | undefined;
  readonly connections: Connections;
  readonly drain: Drain;
}

/**
 * Builds the gateway: routes for every annotated RPC of the contract that an upstream serves. Listening is up to the caller.
 * @throws Error when the contract, the certificates or the upstreams are not fit to be served.
 */
export async function createApp(config: Config, contract: Contract, log: Logger): Promise<Gateway> {
  const routing = createRouting();
  const proxies = trustedProxies(config.TRUST_PROXY);
  const app = createFastify(config, log, routing);
  const connections = guardConnections(app.server, proxies, {
    max: config.CONNECTIONS_MAX,
    perClientMax: config.CONNECTIONS_PER_CLIENT_MAX,
    handshakesPerSecond: config.HANDSHAKES_PER_CLIENT_PER_SECOND,
  });
  const upstreams = openUpstreams(config.UPSTREAMS, contract, loadMeshTls(config));
  app.addHook('onClose', async () => upstreams.close());
  const drain = addDrain(app);
  addUnreadBodies(app);

  addAccessLog(app, routing);
  const metrics = createMetrics(config, log);
  if (metrics) addRequestMetrics(app, routing, metrics);
  addProblemHandler(app, routing);
  addRequestContext(app);
  addClientAddress(app, proxies);
  addSecurityHeaders(app);
  addPageLimit(app, config.RATE_LIMIT_PAGE_PER_MINUTE);
  await addCors(app, config.CORS_ORIGINS, routing);
  addHeadFaults(app);
  await addCompression(app);
  addEncodedEtags(app);
  addAnswerPieces(app);
  await addNegotiation(app);
  addAuthentication(app, createTokenVerifier(tokenIssuers(config, contract, upstreams)));
  await addRateLimit(app, config);
  addRefusalLimit(app, config.RATE_LIMIT_CREDENTIAL_PER_MINUTE);
  const spendRefused = addRefusedBytes(app, config.RATE_LIMIT_REFUSED_MIB_PER_MINUTE * MIB);
  addAdmission(app);
  addStreamLimit(app, config);
  addHealthPages(app, routing, createUpstreamCheck(upstreams), drain.isDraining);
  const shared = { spendRefused, streamsEnd: drain.streamsEnd };
  const { transcoders, schemas } = await addRpcRoutes(app, contract, upstreams, routing, shared);
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
  const stopFollowing = followCertificate(app.server, config, shown);
  app.addHook('onClose', async () => stopFollowing());
  refuseExpectations(app.server);
  endEarlyAnswers(app.server);
  breakOffUnreadAnswers(app.server, config.ANSWER_STALL_TIMEOUT_MS);
  ignoreBodies(app);
  return app;
}
