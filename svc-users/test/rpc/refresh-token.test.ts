import assert from 'node:assert/strict';
import { REUSE_GRACE_MS } from '../../src/domain/refresh-token.ts';
import { SESSION_AGE_MS_MAX, SESSION_IDLE_MS_MAX } from '../../src/domain/session.ts';
import { as } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { registerSomebody, startTestService, type TestService } from '../support/service.ts';

describe('UsersService/RefreshToken', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('answers new tokens, of which each works', async () => {
    const first = await registerSomebody(service.client);
    const second = await refresh(first.refreshToken);
    assert.notEqual(second.refreshToken, first.refreshToken);
    assert.match(second.refreshToken, /^mrt_[A-Za-z0-9_-]{43}$/);
    assert.equal(second.tokenType, 'Bearer');
    assert.equal(second.expiresIn, 900);
    await service.client.getProfile({}, as(second.accessToken));
    await refresh(second.refreshToken);
  });

  it('ends the whole family when a token comes back after the grace', async () => {
    const { refreshToken, accessToken } = await registerSomebody(service.client);
    const next = await refresh(refreshToken);
    service.clock.advance(REUSE_GRACE_MS + 1);
    await rejectsWith(refresh(refreshToken), 'UNAUTHENTICATED', 'REFRESH_TOKEN_REUSED');
    await rejectsWith(refresh(next.refreshToken), 'UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID');
    const list = service.client.listSessions({ pageSize: 0, pageToken: '' }, as(accessToken));
    await rejectsWith(list, 'UNAUTHENTICATED', 'SESSION_REVOKED');
  });

  it('leaves the other sessions of the user alone when a family ends', async () => {
    const { refreshToken, email } = await registerSomebody(service.client);
    const other = await service.client.login({ email, password: 'correct horse battery' });
    await refresh(refreshToken);
    service.clock.advance(REUSE_GRACE_MS + 1);
    await rejectsWith(refresh(refreshToken), 'UNAUTHENTICATED', 'REFRESH_TOKEN_REUSED');
    await refresh(other.refreshToken);
  });

  it('gives a lost answer again within the grace: the same refresh token, which works', async () => {
    const { refreshToken } = await registerSomebody(service.client);
    const lost = await refresh(refreshToken);
    service.clock.advance(REUSE_GRACE_MS);
    const again = await refresh(refreshToken);
    assert.equal(again.refreshToken, lost.refreshToken);
    await refresh(again.refreshToken);
  });

  it('ends the family when a token comes back within the grace although its answer arrived', async () => {
    const { refreshToken } = await registerSomebody(service.client);
    const second = await refresh(refreshToken);
    const third = await refresh(second.refreshToken);
    await rejectsWith(refresh(refreshToken), 'UNAUTHENTICATED', 'REFRESH_TOKEN_REUSED');
    await rejectsWith(refresh(third.refreshToken), 'UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID');
  });

  it('answers fifty at once with one and the same next token', async () => {
    const { refreshToken } = await registerSomebody(service.client);
    const replica = await service.replica();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 ? replica : service.client).refreshToken({ refreshToken })),
    );
    const tokens = new Set(answers.map((answer) => answer.refreshToken));
    assert.equal(tokens.size, 1);
    await refresh(answers[0]?.refreshToken ?? '');
  });

  it('finds a thief who was quick enough to get the owner’s answer', async () => {
    const { refreshToken } = await registerSomebody(service.client);
    const [owner, thief] = await Promise.all([refresh(refreshToken), refresh(refreshToken)]);
    const next = await refresh(thief.refreshToken);
    service.clock.advance(REUSE_GRACE_MS + 1);
    await rejectsWith(refresh(owner.refreshToken), 'UNAUTHENTICATED', 'REFRESH_TOKEN_REUSED');
    await rejectsWith(refresh(next.refreshToken), 'UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID');
  });

  it('refuses a token of a session that was not refreshed for thirty days', async () => {
    const { refreshToken } = await registerSomebody(service.client);
    service.clock.advance(SESSION_IDLE_MS_MAX);
    await rejectsWith(refresh(refreshToken), 'UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID');
  });

  it('lets no session grow older than 180 days, however often it is refreshed', async () => {
    let { refreshToken } = await registerSomebody(service.client);
    const stepMs = SESSION_IDLE_MS_MAX - 1;
    for (let ageMs = stepMs; ageMs < SESSION_AGE_MS_MAX; ageMs += stepMs) {
      service.clock.advance(stepMs);
      ({ refreshToken } = await refresh(refreshToken));
    }
    service.clock.advance(stepMs);
    await rejectsWith(refresh(refreshToken), 'UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID');
  });

  it('refuses a token that nobody was given', async () => {
    await rejectsWith(refresh('mrt_nobody'), 'UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID');
    await rejectsWith(refresh('x'), 'UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID');
  });

  it('names the field of an empty or overlong token', async () => {
    for (const refreshToken of ['', 'x'.repeat(257)]) {
      const said = await rejectsWith(refresh(refreshToken), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
      assert.deepEqual(
        said.fields.map(({ field }) => field),
        ['refresh_token'],
      );
    }
  });

  it('stores no token, and forgets how a used one was made', async () => {
    const { refreshToken } = await registerSomebody(service.client);
    const second = await refresh(refreshToken);
    await refresh(second.refreshToken);
    const rows = await service.sql<{ salt: Buffer | null; use_time: string | null }>(
      `SELECT * FROM refresh_tokens WHERE session_id =
        (SELECT session_id FROM refresh_tokens WHERE hash = UNHEX(SHA2(?, 256)))`,
      [refreshToken],
    );
    assert.equal(rows.length, 3);
    assert.ok(rows.every(({ salt, use_time }) => use_time === null || salt === null));
    assert.ok(!JSON.stringify(rows).includes(Buffer.from(refreshToken).toString('hex')));
  });

  function refresh(refreshToken: string) {
    return service.client.refreshToken({ refreshToken });
  }
});
