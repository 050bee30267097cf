import assert from 'node:assert/strict';
import { DomainError } from '@malla/chassis/errors';
import { createTestGateway, type TestGateway } from '../support/gateway.ts';
import { assertProblem } from '../support/problems.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const [WEBHOOKS, REFUSALS] = [40, 3];
const WEBHOOK = 'ProvidersService/ReceiveProviderWebhook';

describe('the limits of webhooks', () => {
  let transactions: Upstream;
  let gateway: TestGateway;
  beforeEach(async () => {
    transactions = await startUpstream('svc-transactions', {
      unary: {
        [WEBHOOK]: (_request, { metadata }) => {
          if (metadata.get('webhook-signature').includes('good')) return {};
          throw new DomainError('unauthenticated', 'SIGNATURE_INVALID', 'The provider did not sign this.');
        },
      },
    });
    gateway = await createTestGateway({
      upstreams: { 'svc-transactions': transactions },
      env: {
        RATE_LIMIT_WRITE_PER_MINUTE: '2',
        RATE_LIMIT_CREDENTIAL_PER_MINUTE: String(REFUSALS),
        RATE_LIMIT_WEBHOOK_PER_MINUTE: String(WEBHOOKS),
        TRUST_PROXY: '127.0.0.1',
      },
    });
  });
  afterEach(async () => {
    await gateway.stop();
    await transactions.stop();
  });

  const send = (signature: string, address = '192.0.2.1') =>
    gateway.app.inject({
      method: 'POST',
      url: '/v1/transactions/providers/sandbox/webhook',
      headers: { 'content-type': 'application/json', 'webhook-signature': signature, 'x-forwarded-for': address },
      payload: '{}',
    });

  it('let a provider tell far more than others may write, and not without end', async () => {
    for (let at = 0; at < WEBHOOKS; at += 1) assert.equal((await send('good')).statusCode, 200);
    const answer = await send('good');
    assertProblem(answer, 429, 'RATE_LIMIT_EXCEEDED');
    assert.equal(answer.headers['ratelimit-limit'], String(WEBHOOKS));
    assert.equal(transactions.calls.length, WEBHOOKS);
  });

  it('keep from the service what an address sends of which some was refused', async () => {
    for (let at = 0; at < REFUSALS; at += 1) assertProblem(await send('bad'), 401, 'SIGNATURE_INVALID');
    for (const signature of ['bad', 'bad', 'good']) {
      const answer = await send(signature);
      assertProblem(answer, 429, 'RATE_LIMIT_EXCEEDED');
      const wait = Number(answer.headers['retry-after']);
      assert.ok(wait >= 1 && wait <= 60);
    }
    assert.equal(transactions.calls.length, REFUSALS);
    assert.equal((await send('good', '192.0.2.2')).statusCode, 200);
  });

  it('count what is refused apart from calls with a secret', async () => {
    for (let at = 0; at < REFUSALS; at += 1) await send('bad');
    const payload = { email: 'ada@example.com', password: 'correct horse' };
    const login = { method: 'POST', url: '/v1/users/login', payload, headers: { 'x-forwarded-for': '192.0.2.1' } };
    assert.notEqual((await gateway.app.inject(login as never)).statusCode, 429);
  });
});
