import assert from 'node:assert/strict';
import { Metadata } from '@grpc/grpc-js';
import type { JWTPayload } from 'jose';
import { createTokenVerifier, type TrustedIssuer } from '../../src/identity/token-verifier.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { userOf } from '../../src/server/context.ts';
import { mesh } from '../../src/testing/certificates.ts';
import { connect, issuer, startEcho } from '../support/echo.ts';
import { failureOf } from '../support/failure.ts';
import { AUDIENCE, claims, createIssuer, DEAD_SESSION_ID, LIVE_SESSION_ID, USER_ID } from '../support/tokens.ts';

async function authorized(overrides: JWTPayload = {}): Promise<Metadata> {
  return bearing(`Bearer ${await (await issuer).sign(claims(overrides))}`);
}

function bearing(authorization: string): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', authorization);
  return metadata;
}

describe('policy ACCESS_PUBLIC', () => {
  it('lets anybody of the mesh in, and looks at no token', async () => {
    const { port } = await startEcho();
    const { client } = await connect(port, await (await mesh).issue('developer'));
    const answer = await client.echo({ text: 'a', number: 1n }, { metadata: bearing('Bearer rubbish') });
    assert.equal(answer.caller, '');
  });
});

describe('policy ACCESS_USER', () => {
  it('lets in a user with a token, through a service or with a developer certificate', async () => {
    const { port } = await startEcho();
    for (const name of ['edge-gateway', 'developer']) {
      const { client } = await connect(port, await (await mesh).issue(name));
      assert.equal((await client.echoUser({ text: 'a' }, { metadata: await authorized() })).caller, USER_ID);
    }
  });

  const refused: [string, Metadata, string][] = [
    ['no token', new Metadata(), 'TOKEN_MISSING'],
    ['an empty authorization', bearing(''), 'TOKEN_MISSING'],
    ['another scheme', bearing('Basic dXNlcjpwdw=='), 'TOKEN_MALFORMED'],
    ['a scheme alone', bearing('Bearer'), 'TOKEN_MALFORMED'],
    ['two tokens in one value', bearing('Bearer a, Bearer b'), 'TOKEN_MALFORMED'],
    ['what is not a JWT', bearing('Bearer rubbish'), 'TOKEN_MALFORMED'],
  ];
  for (const [name, metadata, reason] of refused) {
    it(`answers UNAUTHENTICATED (${reason}) to ${name}`, async () => {
      const { port, calls, lines } = await startEcho();
      const { client } = await connect(port);
      const failure = await failureOf(client.echoUser({ text: 'a' }, { metadata }));
      assert.equal(failure.code, 'UNAUTHENTICATED');
      assert.equal(failure.reason, reason);
      assert.equal(calls()[0]?.reason, reason);
      assert.ok(!lines.join('').includes('rubbish'));
    });
  }

  it('answers PERMISSION_DENIED naming the permission that the token lacks', async () => {
    const { port } = await startEcho();
    const { client } = await connect(port);
    const metadata = await authorized({ sid: LIVE_SESSION_ID, scope: 'echo:read echo:writer' });
    const failure = await failureOf(client.echoLive({ text: 'a' }, { metadata }));
    assert.equal(failure.code, 'PERMISSION_DENIED');
    assert.equal(failure.reason, 'PERMISSION_MISSING');
    assert.deepEqual(failure.metadata, { permissions: 'echo:write' });
  });

  it('takes permissions from `scope` and from `permissions`, and passes over what is no text there', async () => {
    const { port } = await startEcho();
    const { client } = await connect(port);
    for (const given of [{ scope: 'echo:write' }, { permissions: ['echo:write', 7, null] }]) {
      const metadata = await authorized({ sid: LIVE_SESSION_ID, ...given });
      assert.equal((await client.echoLive({ text: 'a' }, { metadata })).text, 'a');
    }
    for (const given of [
      { scope: ['echo:write'] },
      { permissions: 'echo:write' },
      { permissions: { 0: 'echo:write' } },
    ]) {
      const metadata = await authorized({ sid: LIVE_SESSION_ID, ...given });
      assert.equal((await failureOf(client.echoLive({ text: 'a' }, { metadata }))).reason, 'PERMISSION_MISSING');
    }
  });

  it('answers UNAUTHENTICATED (SESSION_REVOKED) when the policy demands a live session and it has ended', async () => {
    const { port } = await startEcho();
    const { client } = await connect(port);
    for (const sid of [DEAD_SESSION_ID, undefined]) {
      const metadata = await authorized({ sid, scope: 'echo:write' });
      const failure = await failureOf(client.echoLive({ text: 'a' }, { metadata }));
      assert.equal(failure.code, 'UNAUTHENTICATED');
      assert.equal(failure.reason, 'SESSION_REVOKED');
    }
  });

  it('answers UNAUTHENTICATED (TOKEN_CLAIMS_INVALID) to a token of ours that names no user, or a session that is none', async () => {
    const { port, calls } = await startEcho();
    const { client } = await connect(port);
    const wrong = [{ sub: 'usr_1' }, { sub: 'auth0|1' }, { sub: LIVE_SESSION_ID }, { sub: `${USER_ID}0` }];
    for (const given of [...wrong, { sid: 'ses_1' }, { sid: 7 }, { sid: USER_ID }, { sid: '' }]) {
      const metadata = await authorized(given);
      const failure = await failureOf(client.echoUser({ text: 'a' }, { metadata }));
      assert.deepEqual([failure.code, failure.reason], ['UNAUTHENTICATED', 'TOKEN_CLAIMS_INVALID']);
    }
    assert.ok(calls().every(({ level }) => level === 'info'));
  });

  it('asks whose an external subject is, and takes neither it for a user id nor its session for one of ours', async () => {
    const other = await createIssuer('other');
    const external: TrustedIssuer = {
      issuer: 'https://tenant.test/',
      audience: AUDIENCE,
      keys: async () => other.publicJwk,
      algorithms: ['ES256'],
      typ: undefined,
      own: false,
    };
    const { port } = await startEcho(
      {
        echoUser: async ({ text }, call) => {
          const { userId, sessionId } = userOf(call);
          return { text, caller: `${userId} ${sessionId}` };
        },
      },
      {
        identification: {
          verifyToken: createTokenVerifier([external]),
          resolveUser: async ({ claims: { sub } }) => `usr_of_${sub}`,
          isSessionLive: async () => true,
        },
        log: createLogger('svc-echo', 'silent'),
      },
    );
    const { client } = await connect(port);
    const token = await other.sign(claims({ iss: external.issuer, sub: 'usr_2', sid: LIVE_SESSION_ID }));
    const { caller } = await client.echoUser({ text: 'a' }, { metadata: bearing(`Bearer ${token}`) });
    assert.equal(caller, 'usr_of_usr_2 undefined');
  });
});

describe('policy ACCESS_SERVICE', () => {
  it('lets in a service that the policy names, by its certificate', async () => {
    const { port } = await startEcho();
    const { client } = await connect(port, await (await mesh).issue('svc-stores'));
    assert.deepEqual({ ...(await client.echoService({ text: 'a' })) }, { text: 'a', caller: 'svc-stores' });
  });

  const strangers: [string, { dns?: string[]; uris?: string[] }][] = [
    ['a service that it does not name', { uris: ['spiffe://malla.local/svc-users'] }],
    ['a developer', { dns: ['svc-stores'], uris: ['spiffe://malla.local/developer'] }],
    ['a certificate with the DNS name alone', { dns: ['svc-stores'] }],
    ['another trust domain', { uris: ['spiffe://other.local/svc-stores'] }],
    ['a longer path', { uris: ['spiffe://malla.local/svc-stores/x'] }],
    ['a certificate of two services', { uris: ['spiffe://malla.local/svc-stores', 'spiffe://malla.local/svc-users'] }],
    ['a DNS name that imitates an URI', { dns: ['x, URI:spiffe://malla.local/svc-stores, DNS:y'] }],
    ['an URI that imitates a second one', { uris: ['https://x/, URI:spiffe://malla.local/svc-stores'] }],
  ];
  for (const [name, names] of strangers) {
    it(`answers PERMISSION_DENIED (CALLER_NOT_ALLOWED) to ${name}, whatever its metadata claims`, async () => {
      const { port } = await startEcho();
      const { client } = await connect(port, await (await mesh).issueFor(names));
      const metadata = await authorized({ sub: 'svc-stores' });
      for (const key of ['x-service', 'x-caller', 'x-forwarded-client-cert', 'spiffe-id']) {
        metadata.set(key, 'spiffe://malla.local/svc-stores');
      }
      const failure = await failureOf(client.echoService({ text: 'a' }, { metadata }));
      assert.equal(failure.code, 'PERMISSION_DENIED');
      assert.equal(failure.reason, 'CALLER_NOT_ALLOWED');
    });
  }

  it('verifies the token of the user for whom a service calls', async () => {
    const { port } = await startEcho();
    const { client } = await connect(port);
    assert.equal((await client.echoService({ text: 'a' }, { metadata: await authorized() })).text, 'a');
    const failure = await failureOf(client.echoService({ text: 'a' }, { metadata: bearing('Bearer rubbish') }));
    assert.equal(failure.reason, 'TOKEN_MALFORMED');
  });
});
