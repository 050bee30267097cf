import assert from 'node:assert/strict';
import { create } from '@bufbuild/protobuf';
import { DurationSchema } from '@bufbuild/protobuf/wkt';
import { gatewayForThisTest } from '../support/gateway.ts';
import { assertProblem } from '../support/problems.ts';

describe('kept answers', () => {
  /** A gateway whose product counts how often it was asked for. */
  async function counting(wait: Promise<void> = Promise.resolve()) {
    let serial = 0;
    const gateway = await gatewayForThisTest({
      fakes: {
        unary: {
          'TranscodingService/GetProduct': async () => {
            serial += 1;
            const mine = serial;
            await wait;
            if (mine === 13) throw new Error('unlucky');
            return { serial: mine };
          },
        },
      },
    });
    const get = (url: string, headers = {}) => gateway.app.inject({ url, headers });
    return { get, gateway, asked: () => serial };
  }
  const URL = '/v1/testing/stores/a/products/b';

  it('are shared by all who ask for the same URL', async () => {
    const { get, asked } = await counting();
    const [first, second] = [await get(URL), await get(URL)];
    assert.deepEqual(first.json(), second.json());
    assert.equal(asked(), 1);
    assert.equal(second.headers.age, '0');
    assert.equal(second.headers['cache-control'], 'public, max-age=60, stale-while-revalidate=60');
    await get(`${URL}?number=1`);
    assert.equal(asked(), 2);
  });

  it('take one call for all who ask at once', async () => {
    const wait = Promise.withResolvers<void>();
    const { get, asked } = await counting(wait.promise);
    const answers = Array.from({ length: 20 }, () => get(URL));
    wait.resolve();
    for (const answer of await Promise.all(answers)) assert.equal(answer.json().serial, 1);
    assert.equal(asked(), 1);
  });

  it('are still checked for what the client accepts, and cost it its budget', async () => {
    const { get } = await counting();
    await get(URL);
    assertProblem(await get(URL, { accept: 'text/html' }), 406);
    assert.ok((await get(URL)).headers['ratelimit-remaining']);
  });

  it('are none of what failed or was refused', async () => {
    const { get, asked } = await counting();
    for (let index = 0; index < 12; index += 1) await get(`${URL}?number=${index}`);
    assertProblem(await get(`${URL}?number=13`), 500);
    assert.equal((await get(`${URL}?number=13`)).statusCode, 200);
    assertProblem(await get(`${URL}?nope=1`), 400);
    assertProblem(await get(`${URL}?nope=1`), 400);
    assert.equal(asked(), 14);
  });

  it('wait no longer than the client wants to, and go on without it', async () => {
    const wait = Promise.withResolvers<void>();
    const { get, asked } = await counting(wait.promise);
    assertProblem(await get(URL, { 'x-request-timeout': '0.05' }), 504, 'DEADLINE_EXCEEDED');
    const patient = get(URL, { 'x-request-timeout': '1.5' });
    wait.resolve();
    assert.equal((await patient).json().serial, 1);
    assert.equal(asked(), 1);
    for (const timeout of ['abc', '-1', '0']) {
      assertProblem(await get(URL, { 'x-request-timeout': timeout }), 400, 'REQUEST_TIMEOUT_INVALID');
    }
  });

  it('are forgotten by a change of the same path, however it is written', async () => {
    const cached = { policy: { cacheLifetime: create(DurationSchema, { seconds: 60n }) } };
    const gateway = await gatewayForThisTest({ changes: { 'TranscodingService/GetThing': cached } });
    const get = () => gateway.app.inject('/v1/testing/things/%61');
    const asked = () => gateway.testing.calls.filter(({ rpc }) => rpc === 'TranscodingService/GetThing').length;
    const deleteAs = async (url: string) => {
      assert.equal((await gateway.app.inject({ method: 'DELETE', url })).statusCode, 200);
    };
    await get();
    await get();
    assert.equal(asked(), 1);
    await deleteAs('/v1/testing/things/a');
    await get();
    assert.equal(asked(), 2);
    await deleteAs('/v1/%74esting/things/%61');
    await get();
    assert.equal(asked(), 3);
  });

  it('are none of what has a body, which the URL does not tell', async () => {
    const cached = { policy: { cacheLifetime: create(DurationSchema, { seconds: 60n }) } };
    const gateway = await gatewayForThisTest({ changes: { 'EchoService/Echo': cached } });
    const echo = (payload: string) =>
      gateway.app.inject({
        method: 'POST',
        url: '/v1/testing/echo',
        headers: { 'content-type': 'application/json' },
        payload,
      });
    assert.equal((await echo('{"text":"one"}')).json().text, 'one');
    assert.equal((await echo('{"text":"two"}')).json().text, 'two');
    assertProblem(await echo('{"text":'), 400, 'JSON_MALFORMED');
  });

  it('may be raw bytes, of whatever media type', async () => {
    const cached = { policy: { cacheLifetime: create(DurationSchema, { seconds: 60n }) } };
    const data = Buffer.from([0, 255, 10]).toString('base64');
    const gateway = await gatewayForThisTest({
      fakes: { unary: { 'TranscodingService/DownloadFile': () => ({ content: { contentType: 'image/png', data } }) } },
      changes: { 'TranscodingService/DownloadFile': cached },
    });
    for (let time = 0; time < 2; time += 1) {
      const answer = await gateway.app.inject({ url: '/v1/testing/files/a', headers: { accept: 'image/png' } });
      assert.equal(answer.headers['content-type'], 'image/png');
      assert.deepEqual([...answer.rawPayload], [0, 255, 10]);
      assert.equal(answer.headers.age, '0');
    }
    assert.equal(gateway.testing.calls.length, 1);
  });
});
