import assert from 'node:assert/strict';
import { createTestGateway, gatewayForThisTest, type TestGateway } from '../support/gateway.ts';
import { assertProblem, faultsOf } from '../support/problems.ts';

describe('what headers, query and text say', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway({
      env: { RATE_LIMIT_WRITE_PER_MINUTE: '9999' },
      fakes: { unary: { 'TranscodingService/UploadFile': () => ({}) } },
    });
  });
  after(() => gateway.stop());

  const json = { 'content-type': 'application/json' };
  type Call = { method?: 'GET' | 'POST' | 'DELETE' | 'PATCH'; url: string; headers?: object; payload?: string };
  const inject = ({ method = 'POST', url, headers = {}, payload }: Call) =>
    gateway.app.inject({ method, url, headers: { ...headers }, ...(payload !== undefined && { payload }) });

  const THINGS = '/v1/testing/things';
  const refused: readonly [name: string, status: number, fault: string, call: Call][] = [
    [
      'no key',
      400,
      'Idempotency-Key IDEMPOTENCY_KEY_MISSING',
      { url: `${THINGS}/a:cancel`, headers: json, payload: '{}' },
    ],
    [
      'half a quoted key',
      400,
      'Idempotency-Key IDEMPOTENCY_KEY_INVALID',
      { url: THINGS, headers: { ...json, 'idempotency-key': '"abc' }, payload: '{}' },
    ],
    [
      'a key with a quote at its end',
      400,
      'Idempotency-Key IDEMPOTENCY_KEY_INVALID',
      { url: THINGS, headers: { ...json, 'idempotency-key': 'abc"' }, payload: '{}' },
    ],
    [
      'a wrong timeout',
      400,
      'X-Request-Timeout REQUEST_TIMEOUT_INVALID',
      { method: 'GET', url: THINGS, headers: { 'x-request-timeout': 'x' } },
    ],
    [
      'a lone surrogate',
      400,
      'tags[1] JSON_LONE_SURROGATE',
      { url: THINGS, headers: json, payload: '{"a":[1,{}],"tags":["x","\\ud800"]}' },
    ],
    [
      'a name twice',
      400,
      'parts[1].name JSON_DUPLICATE_NAME',
      { url: THINGS, headers: json, payload: '{"parts":[{"name":"x"},{"name":"x","name":"y"}]}' },
    ],
    [
      'a number beyond a double',
      400,
      'a.b JSON_NUMBER_OUT_OF_RANGE',
      { url: THINGS, headers: json, payload: '{"a":{"b":1e999}}' },
    ],
    ['half a text', 400, ' JSON_MALFORMED', { url: THINGS, headers: json, payload: '{"a":' }],
    [
      'a query that is no UTF-8',
      400,
      'pageToken QUERY_MALFORMED',
      { method: 'GET', url: `${THINGS}?pageSize=1&pageToken=%ff` },
    ],
    ['a path that is none', 400, ':path PATH_MALFORMED', { method: 'GET', url: `${THINGS}/%ff` }],
    [
      'an empty entity tag',
      412,
      'If-Match ETAG_MISMATCH',
      { method: 'DELETE', url: `${THINGS}/a`, headers: { 'if-match': '""' } },
    ],
    [
      'two entity tags',
      400,
      'If-Match IF_MATCH_UNSUPPORTED',
      { method: 'DELETE', url: `${THINGS}/a`, headers: { 'if-match': '"a", "b"' } },
    ],
    [
      'a version where there is none',
      400,
      'If-Match IF_MATCH_UNSUPPORTED',
      { url: '/v1/testing/fail', headers: { ...json, 'if-match': '"a"' }, payload: '{}' },
    ],
    ['no version', 428, 'If-Match IF_MATCH_MISSING', { method: 'DELETE', url: '/v1/testing/nodes/a' }],
    [
      'any version where one is needed',
      428,
      'If-Match IF_MATCH_MISSING',
      { method: 'DELETE', url: '/v1/testing/nodes/a', headers: { 'if-match': '*' } },
    ],
  ];
  for (const [name, status, fault, call] of refused) {
    it(`is named when it is ${name}`, async () => {
      assert.deepEqual(faultsOf(assertProblem(await inject(call), status)), [fault]);
    });
  }

  it('says where a text ends too early or goes wrong', async () => {
    const detail = async (payload: string) => (await inject({ url: THINGS, headers: json, payload })).json().detail;
    assert.equal(await detail('{"a":'), 'The JSON is malformed at its end.');
    assert.match(await detail('{"a":1,}'), /\(line 1 column 8\)/);
  });

  it('may name a version by header or query, with commas too', async () => {
    const remove = (url: string, ifMatch?: string) =>
      inject({ method: 'DELETE', url, headers: ifMatch === undefined ? {} : { 'if-match': ifMatch } });
    assert.equal((await remove('/v1/testing/nodes/a?etag=v1')).json().etag, 'v1');
    assert.equal((await remove('/v1/testing/nodes/a', '"a,b"')).json().etag, 'a,b');
    assert.equal((await remove(`${THINGS}/a`, '*')).json().etag, '');
  });

  it('may know a version with a comma already', async () => {
    const known = async (header: string) =>
      (await inject({ method: 'GET', url: `${THINGS}/a,b`, headers: { 'if-none-match': header } })).statusCode;
    for (const header of ['"v-a,b"', 'W/"v-a,b"', '"x", "v-a,b"', '"é","v-a,b"'])
      assert.equal(await known(header), 304);
    for (const header of ['"v-a"', '"b"', 'v-a,b']) assert.equal(await known(header), 200);
  });

  it('never fails the call by a header that gRPC cannot carry', async () => {
    const headers = { 'content-type': 'text/plain', 'x!-signature': 'a', 'webhook-bin': 'b', 'x.y_z-signature': 'c' };
    await inject({ url: '/v1/testing/files/a', headers, payload: 'x' });
    const { metadata } = gateway.testing.calls.at(-1) ?? {};
    assert.deepEqual(metadata?.get('x.y_z-signature'), ['c']);
  });

  it('name X-Forwarded-For where a trusted proxy wrote no address into it', async () => {
    const behind = await gatewayForThisTest({ env: { TRUST_PROXY: '127.0.0.1' } });
    for (const header of ['é', 'unknown', '192.0.2', '192.0.2.1, ', ',']) {
      const answer = await behind.app.inject({ url: '/v1/testing/echo/a', headers: { 'x-forwarded-for': header } });
      assert.deepEqual(faultsOf(assertProblem(answer, 400)), ['X-Forwarded-For FORWARDED_FOR_INVALID']);
      // A client that is no proxy may write what it likes: nobody reads it.
      assert.equal(
        (await inject({ method: 'GET', url: '/v1/testing/echo/a', headers: { 'x-forwarded-for': header } })).statusCode,
        200,
      );
    }
  });
});

describe('update masks', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway();
  });
  after(() => gateway.stop());

  it('are given where the contract demands one, and hold nothing that was filtered out', async () => {
    const masks: readonly [body: object, ...paths: string[]][] = [
      [{ name: 'x' }, 'name'],
      [{ child: { createTime: '2026-01-31T12:00:00Z' } }],
      [{ child: { etag: 'v1', child: { etag: 'v1' } } }],
      [{ child: { etag: 'v1', name: null } }, 'child.name'],
      [{ child: {} }, 'child'],
      [{}],
    ];
    for (const [payload, ...paths] of masks) {
      const answer = await gateway.app.inject({ method: 'PATCH', url: '/v1/testing/nodes/a', payload });
      assert.deepEqual([answer.statusCode, answer.json().paths], [200, paths], answer.body);
    }
  });
});
