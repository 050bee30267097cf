import assert from 'node:assert/strict';
import { as } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { type ExternalIssuerFake, startIssuer } from '../support/issuer.ts';
import { startTestService, type TestService } from '../support/service.ts';

/** How long an unknown key may not make the service ask again. */
const COOLDOWN_MS = 10_000;

describe('The keys of an external issuer', () => {
  let issuer: ExternalIssuerFake;
  let service: TestService;
  beforeEach(async () => {
    issuer = await startIssuer();
    service = await startTestService({ externalIssuers: [issuer.config] });
  });
  afterEach(() => service.stop());

  it('are fetched once for many tokens', async () => {
    const tokens = await Promise.all(Array.from({ length: 10 }, (_, index) => issuer.token(`auth0|${index}`)));
    await Promise.all(tokens.map((token) => service.client.getProfile({}, as(token))));
    assert.equal(issuer.requests(), 1);
    await issuer.goAway();
  });

  it('are fetched again when a token names a new one, and the old one still counts', async () => {
    const old = await issuer.token('auth0|1');
    await service.client.getProfile({}, as(old));
    await issuer.rotate();
    await later(COOLDOWN_MS + 1, async () => {
      await service.client.getProfile({}, as(await issuer.token('auth0|1')));
      await service.client.getProfile({}, as(old));
    });
    assert.equal(issuer.requests(), 2);
    await issuer.goAway();
  });

  it('stay in force while the issuer is away', async () => {
    await service.client.getProfile({}, as(await issuer.token('auth0|1')));
    await issuer.goAway();
    await later(COOLDOWN_MS + 1, async () => {
      await service.client.getProfile({}, as(await issuer.token('auth0|2')));
      await issuer.rotate();
      const unknown = service.client.getProfile({}, as(await issuer.token('auth0|3')));
      await rejectsWith(unknown, 'UNAUTHENTICATED', 'TOKEN_KEY_UNKNOWN');
    });
  });

  it('that were never seen make a token UNAVAILABLE, and nobody else’s', async () => {
    await issuer.goAway();
    const said = await rejectsWith(
      service.client.getProfile({}, as(await issuer.token('auth0|1'))),
      'UNAVAILABLE',
      'TOKEN_KEYS_UNAVAILABLE',
    );
    assert.ok(said.retryAfterMs);
    await service.client.getJwks({});
  });

  /** Does work as if some time had passed. Everything in this process goes by the same clock. */
  async function later(ms: number, work: () => Promise<void>): Promise<void> {
    const now = Date.now;
    Date.now = () => now() + ms;
    try {
      await work();
    } finally {
      Date.now = now;
    }
  }
});
