import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mock } from 'node:test';
import { remoteKeys } from '../../src/identity/key-source.ts';
import { createTokenVerifier, ownIssuer, type VerifyToken } from '../../src/identity/token-verifier.ts';
import { DomainError } from '../../src/lib/errors.ts';
import { type CallContext, currentCall, runInCall } from '../../src/server/context.ts';
import { afterThisTest } from '../support/cleanup.ts';
import { AUDIENCE, claims, createIssuer, ISSUER, type TestIssuer } from '../support/tokens.ts';

type Answer = (response: ServerResponse) => void;

/** A JWKS endpoint whose answer can be changed. */
async function startKeyServer(answer: Answer) {
  const endpoint = { answer, asked: 0, url: '' };
  const server = createServer((_request, response) => {
    endpoint.asked += 1;
    endpoint.answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterThisTest(() => {
    server.closeAllConnections();
    server.close();
  });
  endpoint.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  return endpoint;
}

function publish(...issuers: TestIssuer[]): Answer {
  return (response) => response.end(JSON.stringify({ keys: issuers.map(({ publicJwk }) => publicJwk) }));
}

const FAILURES: Record<string, Answer> = {
  'a 500': (response) => response.writeHead(500).end('{"keys":[]}'),
  'a 404': (response) => response.writeHead(404).end('{"keys":[]}'),
  'a redirect': (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  HTML: (response) => response.end('<html>'),
  'JSON that is no key set': (response) => response.end('{"error":"x"}'),
  'keys that are none': (response) => response.end('{"keys":[1,null]}'),
  nothing: (response) => response.end(),
  'half an answer': (response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"keys":[');
    response.destroy();
  },
  'no answer': () => undefined,
};

function verifierOf(url: string): VerifyToken {
  return createTokenVerifier([ownIssuer(ISSUER, AUDIENCE, remoteKeys(url))]);
}

async function refusal(verified: Promise<unknown>): Promise<DomainError> {
  const error = await verified.then(
    () => assert.fail('the token was accepted'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof DomainError);
  return error;
}

/** Moves the clock, which the key source looks at to see whether its keys are fresh. */
function moveClock(): (ms: number) => void {
  mock.timers.enable({ apis: ['Date'], now: Date.now() });
  afterThisTest(() => mock.timers.reset());
  return (ms) => mock.timers.tick(ms);
}

describe('remoteKeys', () => {
  it('fetches once for many tokens at once', async () => {
    const issuer = await createIssuer('a');
    const endpoint = await startKeyServer(publish(issuer));
    const verify = verifierOf(endpoint.url);
    const tokens = await Promise.all(Array.from({ length: 50 }, (_, n) => issuer.sign(claims({ jti: `${n}` }))));
    await Promise.all(tokens.map(verify));
    assert.equal(endpoint.asked, 1);
  });

  it('finds a new key when a token is signed with it, though not more often than every ten seconds', async () => {
    const tick = moveClock();
    const [old, next] = [await createIssuer('a'), await createIssuer('b')];
    const endpoint = await startKeyServer(publish(old));
    const verify = verifierOf(endpoint.url);
    await verify(await old.sign(claims()));
    endpoint.answer = publish(old, next);
    assert.equal((await refusal(verify(await next.sign(claims())))).reason, 'TOKEN_KEY_UNKNOWN');
    assert.equal(endpoint.asked, 1);
    tick(10_001);
    await verify(await next.sign(claims()));
    await verify(await old.sign(claims({ jti: 'again' })));
    assert.equal(endpoint.asked, 2);
  });

  it('is not driven to the issuer by a flood of unknown keys', async () => {
    const tick = moveClock();
    const issuer = await createIssuer('a');
    const endpoint = await startKeyServer(publish(issuer));
    const verify = verifierOf(endpoint.url);
    await verify(await issuer.sign(claims()));
    tick(10_001);
    for (let n = 0; n < 20; n += 1) await refusal(verify(await issuer.sign(claims(), { kid: `unknown-${n}` })));
    assert.equal(endpoint.asked, 2);
  });

  it('forgets a key that was withdrawn, after ten minutes', async () => {
    const tick = moveClock();
    const [old, next] = [await createIssuer('a'), await createIssuer('b')];
    const endpoint = await startKeyServer(publish(old));
    const verify = verifierOf(endpoint.url);
    await verify(await old.sign(claims()));
    endpoint.answer = publish(next);
    tick(600_001);
    const token = await old.sign(claims({ jti: 'later' }));
    assert.equal((await refusal(verify(token))).reason, 'TOKEN_KEY_UNKNOWN');
  });

  for (const [name, failure] of Object.entries(FAILURES)) {
    it(`answers UNAVAILABLE when the first fetch meets ${name}, and recovers by itself`, async () => {
      const issuer = await createIssuer('a');
      const endpoint = await startKeyServer(failure);
      const verify = verifierOf(endpoint.url);
      const startMs = performance.now();
      const error = await refusal(verify(await issuer.sign(claims())));
      assert.ok(performance.now() - startMs < 1_900);
      assert.equal(error.kind, 'unavailable');
      assert.equal(error.reason, 'TOKEN_KEYS_UNAVAILABLE');
      assert.ok(!error.message.includes(endpoint.url));
      endpoint.answer = publish(issuer);
      await verify(await issuer.sign(claims()));
    });

    it(`keeps the keys that it knows in force when it meets ${name}`, async () => {
      const tick = moveClock();
      const issuer = await createIssuer('a');
      const endpoint = await startKeyServer(publish(issuer));
      const verify = verifierOf(endpoint.url);
      await verify(await issuer.sign(claims()));
      endpoint.answer = failure;
      for (let hour = 0; hour < 2; hour += 1) {
        tick(3_600_000);
        await verify(await issuer.sign(claims()));
      }
      assert.equal(endpoint.asked, 3);
    });
  }

  it('answers UNAVAILABLE when nobody listens', async () => {
    const issuer = await createIssuer('a');
    const error = await refusal(verifierOf('http://127.0.0.1:1/')(await issuer.sign(claims())));
    assert.equal(error.reason, 'TOKEN_KEYS_UNAVAILABLE');
  });

  it('fetches outside of the call that happened to ask', async () => {
    const issuer = await createIssuer('a');
    let context: unknown = 'not asked';
    const keys = remoteKeys('grpc://svc-users', async () => {
      context = currentCall();
      return JSON.stringify({ keys: [issuer.publicJwk] });
    });
    const verify = createTokenVerifier([ownIssuer(ISSUER, AUDIENCE, keys)]);
    const token = await issuer.sign(claims());
    await runInCall({} as CallContext, () => verify(token));
    assert.equal(context, undefined);
  });

  it('takes another way to fetch, and does not wait for one that heeds no signal', async () => {
    const issuer = await createIssuer('a');
    let fetchKeys: (signal: AbortSignal) => Promise<string> = () => new Promise(() => undefined);
    const keys = remoteKeys('grpc://svc-users', (signal) => fetchKeys(signal));
    const verify = createTokenVerifier([ownIssuer(ISSUER, AUDIENCE, keys)]);
    assert.equal((await refusal(verify(await issuer.sign(claims())))).reason, 'TOKEN_KEYS_UNAVAILABLE');
    fetchKeys = async () => JSON.stringify({ keys: [issuer.publicJwk] });
    await verify(await issuer.sign(claims()));
  });
});
