import assert from 'node:assert/strict';
import { createTestGateway, gatewayForThisTest, type TestGateway } from '../support/gateway.ts';
import { assertProblem } from '../support/problems.ts';

const SECRET = 'select * from users';

describe('failures', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway({ env: { RATE_LIMIT_WRITE_PER_MINUTE: '999' } });
  });
  after(() => gateway.stop());

  const fail = (payload: object) => gateway.app.inject({ method: 'POST', url: '/v1/testing/fail', payload });

  /** The table of google/rpc/code.proto. */
  const table: readonly [code: number, name: string, status: number][] = [
    [1, 'CANCELLED', 499],
    [2, 'UNKNOWN', 500],
    [3, 'INVALID_ARGUMENT', 400],
    [4, 'DEADLINE_EXCEEDED', 504],
    [5, 'NOT_FOUND', 404],
    [6, 'ALREADY_EXISTS', 409],
    [7, 'PERMISSION_DENIED', 403],
    [8, 'RESOURCE_EXHAUSTED', 429],
    [9, 'FAILED_PRECONDITION', 400],
    [10, 'ABORTED', 409],
    [11, 'OUT_OF_RANGE', 400],
    [12, 'UNIMPLEMENTED', 501],
    [13, 'INTERNAL', 500],
    [14, 'UNAVAILABLE', 503],
    [15, 'DATA_LOSS', 500],
    [16, 'UNAUTHENTICATED', 401],
  ];
  for (const [code, name, status] of table) {
    it(`answers ${status} for ${name}, and keeps a text that is not for clients`, async () => {
      const answer = await fail({ code, message: SECRET });
      assertProblem(answer, status, name);
      assert.ok(!answer.body.includes(SECRET));
    });
  }

  it('tells the reason, text and fields of a failure that is for clients', async () => {
    const answer = await fail({
      code: 3,
      reason: 'PRICE_WRONG',
      message: 'The price is wrong.',
      field: 'retry_delay.seconds',
    });
    const problem = assertProblem(answer, 400, 'PRICE_WRONG');
    assert.equal(problem.detail, 'The price is wrong.');
    assert.deepEqual(problem.errors, [{ field: 'retryDelay.seconds', reason: 'RULE', message: 'breaks the rule' }]);
  });

  it('says the names of fields in texts as the JSON has them, and leaves other words', async () => {
    const message = 'The retry_delay is longer than card_declined allows.';
    const answer = await fail({ code: 3, reason: 'DELAY_WRONG', message, field: 'retry_delay' });
    assert.equal(assertProblem(answer, 400).detail, 'The retryDelay is longer than card_declined allows.');
    const broken = await fail({ code: 3, reason: 'MESSAGE_INVALID', message, field: 'retry_delay.seconds' });
    assert.equal(assertProblem(broken, 400).detail, 'The request breaks a rule: retryDelay.seconds.');
  });

  it('leaves the name of a field as it is when the message has no such field', async () => {
    const answer = await fail({ code: 3, reason: 'PRICE_WRONG', message: 'Wrong.', field: 'no_such.field' });
    assert.equal(assertProblem(answer, 400).errors?.[0]?.field, 'no_such.field');
  });

  it('tells when to try again', async () => {
    const answer = await fail({ code: 8, reason: 'LOGIN_LOCKED', message: 'Wait.', retryDelay: '1.2s' });
    assertProblem(answer, 429, 'LOGIN_LOCKED');
    assert.equal(answer.headers['retry-after'], '2');
  });

  it('challenges who was not authenticated', async () => {
    const answer = await fail({ code: 16, reason: 'CREDENTIALS_INVALID', message: 'No.' });
    assertProblem(answer, 401, 'CREDENTIALS_INVALID');
    assert.equal(answer.headers['www-authenticate'], 'Bearer realm="malla"');
  });

  it('answers 412 for an etag that If-Match named, else 409', async () => {
    const url = '/v1/testing/things/a';
    const named = await gateway.app.inject({ method: 'PATCH', url, payload: {}, headers: { 'if-match': '"stale"' } });
    assertProblem(named, 412, 'ETAG_MISMATCH');
    assertProblem(await gateway.app.inject({ method: 'PATCH', url, payload: { etag: 'stale' } }), 409, 'ETAG_MISMATCH');
  });

  it('answers 504 when the policy’s deadline passes', async () => {
    const problem = assertProblem(await fail({ waitMs: 5000 }), 504, 'DEADLINE_EXCEEDED');
    assert.equal(problem.detail, 'The service did not answer in time.');
  });

  it('answers 503 when the service is away, and recovers', async () => {
    const lonely = await gatewayForThisTest();
    await lonely.testing.stop();
    const problem = assertProblem(await lonely.app.inject('/v1/testing/echo/a'), 503, 'UNAVAILABLE');
    assert.equal(problem.detail, 'The service cannot be reached at the moment.');
  });

  it('answers 501 for a method that the service does not know', async () => {
    const partial = await gatewayForThisTest();
    assertProblem(await partial.app.inject('/v1/users/me'), 401, 'TOKEN_MISSING');
    assertProblem(await partial.app.inject('/.well-known/openid-configuration'), 501, 'UNIMPLEMENTED');
  });

  it('answers INTERNAL with a constant text for what nobody expected', async () => {
    const broken = await gatewayForThisTest();
    broken.app.addHook('preHandler', async (request) => {
      if (request.url.startsWith('/healthz')) throw new Error(SECRET);
    });
    const answer = await broken.app.inject('/healthz');
    assertProblem(answer, 500, 'INTERNAL');
    assert.ok(!answer.body.includes(SECRET));
    assert.ok(broken.lines.join('').includes(SECRET));
  });
});

describe('conditional requests', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway();
  });
  after(() => gateway.stop());
  const url = '/v1/testing/things/a';

  it('answer the etag field as ETag', async () => {
    assert.equal((await gateway.app.inject(url)).headers.etag, '"v-a"');
  });

  it('answer 304 without a body when If-None-Match names the version', async () => {
    for (const tag of ['"v-a"', 'W/"v-a"', '"x", "v-a"', '*']) {
      for (const method of ['GET', 'HEAD'] as const) {
        const answer = await gateway.app.inject({ method, url, headers: { 'if-none-match': tag } });
        assert.equal(answer.statusCode, 304);
        assert.equal(answer.body, '');
        assert.equal(answer.headers.etag, '"v-a"');
      }
    }
    assert.equal((await gateway.app.inject({ url, headers: { 'if-none-match': '"v-b"' } })).statusCode, 200);
  });

  it('pass If-Match on as the etag', async () => {
    const remove = (tag: string) => gateway.app.inject({ method: 'DELETE', url, headers: { 'if-match': tag } });
    assert.deepEqual((await remove('"v1"')).json(), { etag: 'v1' });
    assert.deepEqual((await remove('*')).json(), { etag: '' });
    assertProblem(await remove('W/"v1"'), 412, 'ETAG_MISMATCH');
    for (const tag of ['v1', '"a", "b"', '"', '']) assertProblem(await remove(tag), 400, 'IF_MATCH_UNSUPPORTED');
  });

  it('are demanded where the contract demands a version', async () => {
    const archive = (headers: Record<string, string>, payload = {}) =>
      gateway.app.inject({ method: 'POST', url: `${url}:archive`, headers, payload });
    assertProblem(await archive({}), 428, 'IF_MATCH_MISSING');
    assertProblem(await archive({ 'if-match': '*' }), 428, 'IF_MATCH_MISSING');
    assert.deepEqual((await archive({ 'if-match': '"v1"' })).json(), { etag: 'v1' });
    assert.deepEqual((await archive({}, { etag: 'v1' })).json(), { etag: 'v1' });
    assertProblem(await archive({}, { etag: '' }), 400, 'MESSAGE_INVALID');
  });

  it('may not contradict the body', async () => {
    const headers = { 'if-match': '"v1"' };
    const answer = await gateway.app.inject({ method: 'PATCH', url, headers, payload: { etag: 'v2' } });
    assertProblem(answer, 400, 'MESSAGE_INVALID');
  });

  it('tell how long an answer may be kept', async () => {
    assert.equal((await gateway.app.inject(url)).headers['cache-control'], 'no-store');
    const product = await gateway.app.inject('/v1/testing/stores/a/products/b');
    assert.equal(product.headers['cache-control'], 'public, max-age=60, stale-while-revalidate=60');
  });
});
