import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterThisTest } from '../support/cleanup.ts';
import { jsonOf } from '../support/fakes.ts';
import { gatewayForThisTest } from '../support/gateway.ts';
import { assertProblem } from '../support/problems.ts';
import type { StreamFake } from '../support/upstream.ts';

describe('raw bodies', () => {
  it('go out with the media type that the service names', async () => {
    const data = Buffer.from([0, 255, 10]).toString('base64');
    const gateway = await gatewayForThisTest({
      fakes: { unary: { 'TranscodingService/DownloadFile': () => ({ content: { contentType: 'image/png', data } }) } },
    });
    const answer = await gateway.app.inject({ url: '/v1/testing/files/a/b.png', headers: { accept: 'image/*' } });
    assert.equal(answer.headers['content-type'], 'image/png');
    assert.deepEqual([...answer.rawPayload], [0, 255, 10]);
  });

  it('go out in pieces', async () => {
    const pieces: StreamFake = (_request, call, write) => {
      write({ content: { contentType: 'text/csv', data: Buffer.from('a,b\n').toString('base64') } });
      write({ content: { data: Buffer.from('c,d\n').toString('base64') } });
      call.end();
    };
    const gateway = await gatewayForThisTest({ fakes: { streams: { 'TranscodingService/DownloadPieces': pieces } } });
    const answer = await gateway.app.inject('/v1/testing/pieces/a.csv');
    assert.equal(answer.headers['content-type'], 'text/csv');
    assert.equal(answer.body, 'a,b\nc,d\n');
  });

  it('break off when the service fails in the middle, so that nobody takes them for complete', async () => {
    const data = Buffer.from('a,b\n').toString('base64');
    const breaking: StreamFake = (_request, call, write) => {
      write({ content: { contentType: 'text/csv', data } });
      setTimeout(() => call.emit('error', { code: 13, details: 'broken' }), 50);
    };
    const gateway = await gatewayForThisTest({ fakes: { streams: { 'TranscodingService/DownloadPieces': breaking } } });
    await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = gateway.app.server.address() as AddressInfo;
    const session = connect(`https://localhost:${port}`, { ca: gateway.ca });
    afterThisTest(() => session.destroy());
    const stream = session.request({ ':path': '/v1/testing/pieces/a' }).resume();
    await assert.rejects(once(stream, 'end'), { code: 'ERR_HTTP2_STREAM_ERROR' });
    assert.equal(stream.rstCode, constants.NGHTTP2_INTERNAL_ERROR);
    const request = get({ host: 'localhost', port, ca: gateway.ca, path: '/v1/testing/pieces/a' });
    const [response] = await once(request, 'response');
    await assert.rejects(once(response.resume(), 'end'), { code: 'ECONNRESET' });
  });

  it('come in as they are, with their media type', async () => {
    const upload = (request: Parameters<typeof jsonOf>[1]) => {
      const { path = '', content } = jsonOf('TranscodingService/UploadFile', request) as Record<
        string,
        { contentType: string; data: string }
      >;
      return { path: String(path), contentType: content?.contentType ?? '', size: content?.data.length ?? 0 };
    };
    const gateway = await gatewayForThisTest({ fakes: { unary: { 'TranscodingService/UploadFile': upload } } });
    const answer = await gateway.app.inject({
      method: 'POST',
      url: '/v1/testing/files/a/b',
      headers: { 'content-type': 'application/octet-stream; x=y' },
      payload: Buffer.from([0xff, 0, 1]),
    });
    assert.deepEqual(gateway.testing.calls.at(-1)?.metadata.get('webhook-signature'), []);
    assert.deepEqual(answer.json(), { path: 'a/b', contentType: 'application/octet-stream; x=y', size: '4' });
    const untyped = await gateway.app.inject({
      method: 'POST',
      url: '/v1/testing/files/a',
      headers: { 'content-type': 'nonsense' },
      payload: 'x',
    });
    assert.equal(assertProblem(untyped, 415).detail, 'The body must name its media type.');
    const large = await gateway.app.inject({
      method: 'POST',
      url: '/v1/testing/files/a',
      headers: { 'content-type': 'application/octet-stream' },
      payload: Buffer.alloc(1_048_577),
    });
    assertProblem(large, 413, 'BODY_TOO_LARGE');
  });
});

describe('webhooks', () => {
  it('reach the service with their bytes as they are and the headers that prove them', async () => {
    const upload = (request: Parameters<typeof jsonOf>[1]) => {
      const { content } = jsonOf('TranscodingService/UploadFile', request) as Record<string, JsonObject>;
      return { path: Buffer.from(String(content?.data), 'base64').toString() };
    };
    const gateway = await gatewayForThisTest({ fakes: { unary: { 'TranscodingService/UploadFile': upload } } });
    const proof = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1',
      'webhook-signature': 'v1,a=',
      'stripe-signature': 't=1',
    };
    const headers = { ...proof, 'content-type': 'application/json', 'x-other': 'x', 'x-bad-signature': 'ü' };
    const payload = '{ "a" : 1, "a": 2 }';
    const answer = await gateway.app.inject({ method: 'POST', url: '/v1/testing/files/a', headers, payload });
    assert.equal(answer.json().path, payload);
    const metadata = gateway.testing.calls.at(-1)?.metadata;
    for (const [name, value] of Object.entries(proof)) assert.deepEqual(metadata?.get(name), [value]);
    assert.deepEqual([metadata?.get('x-other'), metadata?.get('x-bad-signature')], [[], []]);
  });
});
