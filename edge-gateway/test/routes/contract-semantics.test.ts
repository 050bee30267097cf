import assert from 'node:assert/strict';
import { createTestGateway, type TestGateway } from '../support/gateway.ts';
import { assertProblem } from '../support/problems.ts';

describe('idempotency keys', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway({
      fakes: {
        unary: {
          'TranscodingService/CancelThing': (_request, call) => {
            const [key] = call.metadata.get('idempotency-key');
            if (key === 'replayed') call.sendMetadata(withReplay(call.metadata.clone()));
            return { cause: String(key) };
          },
        },
      },
    });
  });
  after(() => gateway.stop());

  const cancel = (key?: string) =>
    gateway.app.inject({
      method: 'POST',
      url: '/v1/testing/things/a:cancel',
      payload: {},
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });

  it('are demanded where the policy demands one', async () => {
    assertProblem(await cancel(), 400, 'IDEMPOTENCY_KEY_MISSING');
    for (const key of ['', '""', 'a b', 'ü', 'x'.repeat(256)])
      assertProblem(await cancel(key), 400, 'IDEMPOTENCY_KEY_INVALID');
  });

  it('reach the service, quoted or not', async () => {
    assert.equal((await cancel('key-1')).json().cause, 'key-1');
    assert.equal((await cancel('"key-1"')).json().cause, 'key-1');
    assert.equal((await cancel('x'.repeat(255))).json().cause, 'x'.repeat(255));
  });

  it('tell an answer that is given again', async () => {
    assert.equal((await cancel('replayed')).headers['idempotent-replayed'], 'true');
    assert.equal((await cancel('fresh')).headers['idempotent-replayed'], undefined);
  });

  it('are passed over where the policy takes none', async () => {
    await gateway.app.inject({ url: '/v1/testing/echo/a', headers: { 'idempotency-key': 'key-1' } });
    assert.deepEqual(gateway.testing.calls.at(-1)?.metadata.get('idempotency-key'), []);
  });

  it('answer 422 when a key comes with another request', async () => {
    const payload = { code: 9, reason: 'IDEMPOTENCY_KEY_REUSED', message: 'Another request.' };
    assertProblem(await gateway.app.inject({ method: 'POST', url: '/v1/testing/fail', payload }), 422);
  });
});

function withReplay<Meta extends { set(key: string, value: string): void }>(metadata: Meta): Meta {
  metadata.set('idempotent-replayed', 'true');
  return metadata;
}

describe('X-Request-Timeout', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway();
  });
  after(() => gateway.stop());
  const fail = (timeout: string, waitMs: number) =>
    gateway.app.inject({
      method: 'POST',
      url: '/v1/testing/fail',
      payload: { waitMs },
      headers: { 'x-request-timeout': timeout },
    });

  it('shortens the policy’s deadline and never lengthens it', async () => {
    assertProblem(await fail('0.05', 250), 504, 'DEADLINE_EXCEEDED');
    assertProblem(await fail('100', 5_000), 504, 'DEADLINE_EXCEEDED');
    assert.equal((await fail('2', 0)).statusCode, 200);
  });

  it('is a number of seconds', async () => {
    for (const timeout of ['', '0', '-1', '1s', '1e3', 'x', '0.0001', '9999999']) {
      assertProblem(await fail(timeout, 0), 400, 'REQUEST_TIMEOUT_INVALID');
    }
  });
});
