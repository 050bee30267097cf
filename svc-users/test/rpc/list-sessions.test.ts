import assert from 'node:assert/strict';
import { SESSION_IDLE_MS_MAX } from '../../src/domain/session.ts';
import { as, from } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { PASSWORD, registerSomebody, startTestService, type TestService } from '../support/service.ts';

describe('UsersService/ListSessions', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('lists the caller’s live sessions, newest first, and says which one asks', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    await registerSomebody(service.client);
    await service.client.login({ email, password: PASSWORD }, from('203.0.113.5', 'phone'));
    const ended = await service.client.login({ email, password: PASSWORD });
    await service.client.logout({ refreshToken: '' }, as(ended.accessToken));
    const { sessions, nextPageToken } = await list(accessToken);
    assert.deepEqual(
      sessions.map(({ userAgent, current }) => ({ userAgent, current })),
      [
        { userAgent: 'phone', current: false },
        { userAgent: '', current: true },
      ],
    );
    assert.deepEqual(sessions[0]?.createTime, service.clock.now());
    assert.deepEqual(sessions[0]?.expireTime?.getTime(), service.clock.now().getTime() + SESSION_IDLE_MS_MAX);
    assert.equal(nextPageToken, '');
  });

  it('goes through all of them in pages, each once, though sessions begin and end meanwhile', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    await addSessions(accessToken, 7);
    const all = await list(accessToken);
    const seen: string[] = [];
    let page = await list(accessToken, 3);
    for (;;) {
      seen.push(...page.sessions.map(({ sessionId }) => sessionId));
      if (page.nextPageToken === '') break;
      await service.client.login({ email, password: PASSWORD });
      const sessionId = page.sessions.find(({ current }) => !current)?.sessionId ?? '';
      await service.client.revokeSession({ sessionId }, as(accessToken));
      page = await list(accessToken, 3, page.nextPageToken);
    }
    assert.deepEqual(
      seen,
      all.sessions.map(({ sessionId }) => sessionId),
    );
  });

  it('gives no token of a next page when the last page is full', async () => {
    const { accessToken } = await registerSomebody(service.client);
    await addSessions(accessToken, 3);
    const { sessions, nextPageToken } = await list(accessToken, 4);
    assert.equal(sessions.length, 4);
    assert.equal(nextPageToken, '');
  });

  it('gives twenty when no size is asked for, and no more than a hundred', async () => {
    const { accessToken } = await registerSomebody(service.client);
    await addSessions(accessToken, 120);
    assert.equal((await list(accessToken)).sessions.length, 20);
    assert.equal((await list(accessToken, 100)).sessions.length, 100);
    for (const size of [101, -1]) {
      const said = await rejectsWith(list(accessToken, size), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
      assert.equal(said.fields[0]?.field, 'page_size');
    }
  });

  it('refuses a page token that no page gave', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const forged = ['x', '%%%', Buffer.from('usr_01h2xcejqtf2nbrexx3vqjhp41').toString('base64url'), 'A'.repeat(512)];
    for (const token of forged) {
      const said = await rejectsWith(list(accessToken, 3, token), 'INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID');
      assert.equal(said.fields[0]?.field, 'page_token');
    }
  });

  it('leaves out sessions that have expired', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    service.clock.advance(SESSION_IDLE_MS_MAX - 1_000);
    const { accessToken: later } = await service.client.login({ email, password: PASSWORD });
    assert.equal((await list(accessToken)).sessions.length, 2);
    service.clock.advance(1_000);
    assert.equal((await list(later)).sessions.length, 1);
  });

  it('costs two round trips: whether the session lives, and the page', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const statements = await service.proxy.record(() => list(accessToken));
    assert.equal(statements.length, 2, statements.join('\n'));
  });

  it('refuses the token of a session that has ended', async () => {
    const { accessToken } = await registerSomebody(service.client);
    await service.client.logout({ refreshToken: '' }, as(accessToken));
    await rejectsWith(list(accessToken), 'UNAUTHENTICATED', 'SESSION_REVOKED');
  });

  function list(accessToken: string, pageSize = 0, pageToken = '') {
    return service.client.listSessions({ pageSize, pageToken }, as(accessToken));
  }

  /** Adds sessions to the caller's one, each a second older than the one before, without the cost of a login each. */
  async function addSessions(accessToken: string, count: number): Promise<void> {
    const { user } = await service.client.getProfile({}, as(accessToken));
    const numbers = Array.from({ length: count }, (_, index) => `ROW(${index})`).join(', ');
    await service.sql(
      `INSERT INTO sessions
        SELECT UNHEX(CONCAT(LPAD(HEX(CONV(LEFT(HEX(session_id), 12), 16, 10) - 1000 * (1 + column_0)), 12, '0'),
            HEX(RANDOM_BYTES(10)))), user_id, user_agent, ip_address,
          create_time, last_use_time, expire_time, NULL
        FROM sessions JOIN (VALUES ${numbers}) AS number
        WHERE user_id = (SELECT user_id FROM users WHERE email = ?)`,
      [user?.email],
    );
  }
});
