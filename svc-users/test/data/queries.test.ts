import assert from 'node:assert/strict';
import { openOrm } from '../../src/data/orm.ts';
import { createPurge } from '../../src/data/purge.ts';
import { as } from '../support/client.ts';
import { startIssuer } from '../support/issuer.ts';
import { PASSWORD, registerSomebody, startTestService, type TestService } from '../support/service.ts';

interface Plan {
  readonly table: string | null;
  readonly type: string | null;
  readonly key: string | null;
  readonly Extra: string | null;
}

describe('Every query', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
    await fill();
  });
  after(() => service.stop());

  it('of every RPC goes by an index and sorts by one', async () => {
    const statements = await service.proxy.record(callEverything);
    const kinds = await explainAll(statements);
    assert.ok(kinds >= 10, `only ${kinds} kinds of statement were seen`);
  });

  it('of the purge goes by an index', async () => {
    const orm = openOrm(service.config.DATABASE_URL);
    service.clock.advance(8 * 24 * 3_600_000);
    const statements = await service.proxy.record(createPurge(orm, service.clock));
    await orm.close();
    assert.ok((await explainAll(statements)) >= 3);
  });

  async function callEverything(): Promise<void> {
    const { email, accessToken, refreshToken } = await registerSomebody(service.client);
    const credentials = as(accessToken);
    await service.client.login({ email, password: PASSWORD });
    const { sessions, nextPageToken } = await service.client.listSessions({ pageSize: 1, pageToken: '' }, credentials);
    await service.client.listSessions({ pageSize: 1, pageToken: nextPageToken }, credentials);
    await service.client.revokeSession({ sessionId: sessions[0]?.sessionId ?? '' }, credentials);
    await service.client.getProfile({}, credentials);
    const user = { displayName: 'Bea', locale: '', timeZone: '', pictureUrl: '', userId: '', email: '', etag: '' };
    const message = { ...user, emailVerified: false, createTime: undefined, updateTime: undefined };
    await service.client.updateProfile({ user: message, updateMask: [] }, credentials);
    const change = { currentPassword: PASSWORD, newPassword: 'a better horse battery' };
    await service.client.changePassword(change, credentials);
    await service.client.refreshToken({ refreshToken });
    await service.client.refreshToken({ refreshToken });
    await service.client.logout({ refreshToken }, credentials);
    await linkExternalUser(email);
  }

  async function linkExternalUser(email: string): Promise<void> {
    const issuer = await startIssuer();
    const { client } = await service.startReplica({ EXTERNAL_ISSUERS: [issuer.config] });
    const claims = { 'https://malla.test/email': email, 'https://malla.test/email_verified': true };
    await client.getProfile({}, as(await issuer.token('auth0|1', claims)));
    await issuer.goAway();
  }

  /** Explains each kind of statement once. @returns how many kinds there were. */
  async function explainAll(statements: readonly string[]): Promise<number> {
    const readable = statements.filter(
      (sql) => /^(select|update|delete)\b/i.test(sql) && /\b(from|update)\b/i.test(sql),
    );
    const kinds = new Map(readable.map((sql) => [sql.replaceAll(/'[^']*'|\d+/g, '?'), sql]));
    for (const sql of kinds.values()) {
      const plans = await service.sql<Plan>(`EXPLAIN FORMAT=TRADITIONAL ${sql}`);
      for (const { table, type, key, Extra } of plans) {
        const whole = table === 'signing_keys';
        assert.ok(key !== null || whole || table === null, `no index: ${sql.slice(0, 300)}`);
        assert.ok(
          type !== 'ALL' && !Extra?.includes('filesort') && !Extra?.includes('temporary'),
          `${Extra}: ${sql.slice(0, 300)}`,
        );
      }
    }
    return kinds.size;
  }

  /** Adds rows of other users: for a table of a few rows MySQL uses no index. */
  async function fill(): Promise<void> {
    const numbers = `WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 900)`;
    const now = service.clock.now();
    await service.sql(
      `INSERT INTO users ${numbers} SELECT RANDOM_BYTES(16), CONCAT(n, '@filled.test'), 0, 'x', '', '', '', 'x', ?, ?, 1
        FROM number`,
      [now, now],
    );
    await service.sql(`INSERT INTO sessions SELECT RANDOM_BYTES(16), user_id, '', '', ?, ?, ?, NULL FROM users`, [
      now,
      now,
      new Date(now.getTime() + 1e9),
    ]);
    await service.sql('UPDATE sessions SET expire_time = ? ORDER BY session_id LIMIT 10', [now]);
    await service.sql(
      `INSERT INTO refresh_tokens SELECT RANDOM_BYTES(32), session_id, NULL, ?, IF(RAND() < 0.5, ?, NULL), NULL FROM sessions`,
      [now, now],
    );
    await service.sql(`INSERT INTO login_attempts ${numbers} SELECT RANDOM_BYTES(32), 1, ? FROM number`, [
      new Date(now.getTime() + 1e9),
    ]);
    await service.sql('ANALYZE TABLE users, sessions, refresh_tokens, login_attempts');
  }
});
