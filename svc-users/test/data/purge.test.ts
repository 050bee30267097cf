import assert from 'node:assert/strict';
import { openOrm } from '../../src/data/orm.ts';
import { createPurge } from '../../src/data/purge.ts';
import { LOGIN_WINDOW_MS } from '../../src/domain/login-throttle.ts';
import { USED_TOKEN_KEPT_MS } from '../../src/domain/refresh-token.ts';
import { SESSION_IDLE_MS_MAX } from '../../src/domain/session.ts';
import { rejectsWith } from '../support/expect.ts';
import { registerSomebody, startTestService, type TestService } from '../support/service.ts';

const DAY_MS = 24 * 3_600_000;

describe('purge', () => {
  let service: TestService;
  beforeEach(async () => {
    service = await startTestService();
  });
  afterEach(() => service.stop());

  it('deletes sessions a week after they expired, and their tokens with them', async () => {
    await registerSomebody(service.client);
    service.clock.advance(SESSION_IDLE_MS_MAX + 7 * DAY_MS);
    await purge();
    assert.deepEqual(await counts(), { sessions: 1, refresh_tokens: 1, login_attempts: 0 });
    service.clock.advance(1);
    const { refreshToken } = await registerSomebody(service.client);
    await purge();
    assert.deepEqual(await counts(), { sessions: 1, refresh_tokens: 1, login_attempts: 0 });
    await service.client.refreshToken({ refreshToken });
  });

  it('deletes used refresh tokens of a living session, which would grow without end', async () => {
    let { refreshToken } = await registerSomebody(service.client);
    for (let days = 0; days <= 40; days += 10) {
      ({ refreshToken } = await service.client.refreshToken({ refreshToken }));
      service.clock.advance(10 * DAY_MS);
    }
    await purge();
    const kept = USED_TOKEN_KEPT_MS / (10 * DAY_MS);
    assert.deepEqual(await counts(), { sessions: 1, refresh_tokens: kept + 1, login_attempts: 0 });
    await service.client.refreshToken({ refreshToken });
  });

  it('refuses a used token that it has forgotten', async () => {
    const { refreshToken } = await registerSomebody(service.client);
    const { refreshToken: next } = await service.client.refreshToken({ refreshToken });
    service.clock.advance(USED_TOKEN_KEPT_MS / 2);
    await service.client.refreshToken({ refreshToken: next });
    service.clock.advance(USED_TOKEN_KEPT_MS / 2 + 1);
    await purge();
    await rejectsWith(service.client.refreshToken({ refreshToken }), 'UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID');
  });

  it('deletes all counts of failed logins whose window has ended, however many, and no others', async () => {
    const numbers = Array.from({ length: 1_200 }, (_, index) => `ROW(${index})`).join(', ');
    await service.sql(
      `INSERT INTO login_attempts SELECT UNHEX(SHA2(number.column_0, 256)), 1, ? FROM (VALUES ${numbers}) AS number`,
      [service.clock.now()],
    );
    service.clock.advance(1);
    await service.client.login({ email: 'a@example.com', password: 'a guess' }).catch(() => undefined);
    await purge();
    assert.equal((await counts()).login_attempts, 2);
    service.clock.advance(LOGIN_WINDOW_MS + 1);
    await purge();
    assert.equal((await counts()).login_attempts, 0);
  });

  it('deletes the tokens of expired sessions in statements of at most 500 rows', async () => {
    const sessions = await Promise.all(Array.from({ length: 3 }, () => registerSomebody(service.client)));
    assert.equal(sessions.length, 3);
    const numbers = Array.from({ length: 700 }, (_, index) => `ROW(${index})`).join(', ');
    await service.sql(
      `INSERT INTO refresh_tokens SELECT RANDOM_BYTES(32), session_id, NULL, ?, NULL, NULL
        FROM sessions, (VALUES ${numbers}) AS number`,
      [service.clock.now()],
    );
    service.clock.advance(SESSION_IDLE_MS_MAX + 8 * DAY_MS);
    const statements = await service.proxy.record(purge);
    assert.deepEqual(await counts(), { sessions: 0, refresh_tokens: 0, login_attempts: 0 });
    const deletions = statements.filter((sql) => /DELETE FROM refresh_tokens WHERE session_id/i.test(sql));
    assert.equal(deletions.length, 5);
    for (const sql of deletions) assert.match(sql, / LIMIT 500$/);
  });

  it('lets two replicas purge at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => registerSomebody(service.client)));
    service.clock.advance(SESSION_IDLE_MS_MAX + 8 * DAY_MS);
    await Promise.all([purge(), purge(), purge()]);
    assert.deepEqual(await counts(), { sessions: 0, refresh_tokens: 0, login_attempts: 0 });
  });

  async function purge(): Promise<void> {
    const orm = openOrm(service.config.DATABASE_URL);
    try {
      await createPurge(orm, service.clock)();
    } finally {
      await orm.close();
    }
  }

  async function counts(): Promise<Record<string, number>> {
    const tables = ['sessions', 'refresh_tokens', 'login_attempts'];
    const rows = await Promise.all(
      tables.map((table) => service.sql<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`)),
    );
    return Object.fromEntries(tables.map((table, index) => [table, Number(rows[index]?.[0]?.n)]));
  }
});
