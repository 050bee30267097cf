import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { readConfig } from '../../src/config.ts';
import { ifMatchEtag, matchesNone } from '../../src/routes/conditional.ts';
import { gatewayForThisTest } from '../support/gateway.ts';
import { exchange } from '../support/wire.ts';

describe('the head of a request', () => {
  it('is refused when it says two things at once', async () => {
    const { app, ca } = await gatewayForThisTest();
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const heads = [
      ['host: localhost\r\nhost: other', 'HEADER_REPEATED'],
      ['host: a@b', 'HOST_MALFORMED'],
      ['host: a/b', 'HOST_MALFORMED'],
      ['host: localhost\r\nauthorization: Bearer a\r\nauthorization: Bearer b', 'HEADER_REPEATED'],
    ];
    for (const [head, reason] of heads) {
      const text = `GET /v1/testing/echo/a HTTP/1.1\r\n${head}\r\nconnection: close\r\n\r\n`;
      const answer = await exchange(port, ca, text);
      assert.equal(answer.statusCode, 400, head);
      assert.equal(JSON.parse(answer.body).reason, reason, head);
    }
    for (const host of ['localhost:8443', '[::1]:8443', 'api.example.com', '127.0.0.1']) {
      const answer = await exchange(
        port,
        ca,
        `GET /v1/testing/echo/a HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
      );
      assert.equal(answer.statusCode, 200, host);
    }
  });
});

describe('the tag of a compressed answer', () => {
  it('depends on what the client accepts, which answers say that are not compressed, too', async () => {
    const { app } = await gatewayForThisTest();
    const url = '/v1/testing/things/a';
    const plain = await app.inject({ url });
    assert.match(String(plain.headers.vary), /accept-encoding/);
  });

  it('is known for every encoding', () => {
    for (const tag of ['"v"', '"v.gzip"', '"v.br"']) {
      assert.equal(matchesNone(tag, '"v"'), true);
      assert.equal(ifMatchEtag(tag), 'v');
    }
    assert.equal(matchesNone('"v.zip"', '"v"'), false);
  });
});

describe('CORS_ORIGINS', () => {
  const read = (origins: string) => {
    try {
      readConfig({ CORS_ORIGINS: origins });
    } catch (error) {
      return String(error);
    }
    return '';
  };

  it('takes the origins of apps, with a slash at the end or without', () => {
    for (const origin of [
      'capacitor://localhost',
      'ionic://localhost/',
      'https://shop.example/',
      'http://localhost:5173',
    ]) {
      assert.doesNotMatch(read(origin), /CORS_ORIGINS/, origin);
    }
  });

  it('refuses what is no origin, and says what one is', () => {
    for (const origin of ['localhost', 'https://shop.example/path', 'https://a@b', 'file://']) {
      assert.match(read(origin), /CORS_ORIGINS.*is no origin/, origin);
    }
  });
});
