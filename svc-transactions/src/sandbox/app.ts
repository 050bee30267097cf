import { timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { addChallenges } from './challenges.ts';
import type { SandboxConfig } from './config.ts';
import type { Notifier } from './notifications.ts';
import { answerOf, type OperationRequest, operate } from './operations.ts';
import type { Store } from './store.ts';
import { CARD, testMethodOf } from './test-methods.ts';

const OPERATION_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['id', 'kind', 'reference', 'amount', 'currency', 'token'],
  properties: {
    id: { type: 'string', minLength: 1, maxLength: 64 },
    kind: { enum: ['authorise', 'capture', 'void', 'refund'] },
    reference: { type: 'string', minLength: 1, maxLength: 64 },
    amount: { type: 'integer', minimum: 1, maximum: 999_999_999_999 },
    currency: { type: 'string', pattern: '^[A-Z]{3}$' },
    token: { type: 'string', maxLength: 255 },
  },
};

const PAGE_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    after: { type: 'string', maxLength: 64, default: '' },
    limit: { type: 'integer', minimum: 1, maximum: 1_000, default: 1_000 },
  },
};

/** Room for the longest token, of 255 characters, each of which takes three at most in an address. */
const PARAM_LENGTH_MAX = 3 * 255;

/** The sandbox's HTTP API. What it does to answers depends on the test method of the payment. */
export function createSandboxApp(config: SandboxConfig, store: Store, notifier: Notifier): FastifyInstance {
  const app = Fastify({ logger: false, routerOptions: { maxParamLength: PARAM_LENGTH_MAX } });
  const key = Buffer.from(`Bearer ${config.SANDBOX_API_KEY}`);
  app.addHook('onRequest', async ({ headers, url }, reply) => {
    if (!url.startsWith('/v1/')) return;
    const given = Buffer.from(headers.authorization ?? '');
    if (given.length !== key.length || !timingSafeEqual(given, key)) return reply.code(401).send({ error: 'api key' });
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.post<{ Body: OperationRequest }>(
    '/v1/operations',
    { schema: { body: OPERATION_SCHEMA } },
    async (request, reply) => {
      const { body } = request;
      const method = testMethodOf(store.paymentOf(body.reference)?.token ?? body.token) ?? {};
      if (method.failFirst && store.addFailure(body.id)) return reply.code(503).send({ error: 'not now' });
      const isFirst = store.operation(body.id) === undefined;
      const answer = operate(body, store, Date.now());
      if (method.notify === 'before-answer') await notifier.flush();
      if (isFirst && method.answerDelayMs) await sleep(method.answerDelayMs);
      if (isFirst && method.loseAnswer) return hangUp(reply);
      return answer;
    },
  );
  app.get<{ Params: { id: string } }>('/v1/operations/:id', async ({ params }, reply) => {
    return answerOf(params.id, store, Date.now()) ?? reply.code(404).send({ error: 'no operation' });
  });
  app.get<{ Params: { token: string } }>('/v1/tokens/:token', async ({ params: { token } }, reply) => {
    return testMethodOf(token) ? CARD : reply.code(404).send({ error: 'no token' });
  });
  app.get<{ Querystring: { after: string; limit: number } }>(
    '/v1/payments',
    { schema: { querystring: PAGE_SCHEMA } },
    async ({ query: { after, limit } }) => store.payments(after, limit),
  );
  addChallenges(app, store);
  return app;
}

/** The answer is lost: the connection ends without one. */
function hangUp(reply: FastifyReply): FastifyReply {
  reply.hijack();
  reply.raw.destroy();
  return reply;
}
