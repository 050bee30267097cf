import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { as, type UsersClient } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { type ExternalIssuerFake, startIssuer } from '../support/issuer.ts';
import { registerSomebody, startTestService, type TestService } from '../support/service.ts';

const EMAIL = 'https://malla.test/email';
const VERIFIED = 'https://malla.test/email_verified';

describe('UsersService/ListTakeovers', () => {
  let issuer: ExternalIssuerFake;
  let service: TestService;
  let stores: UsersClient;
  before(async () => {
    issuer = await startIssuer();
    service = await startTestService({ externalIssuers: [issuer.config] });
    stores = await service.clientAs('svc-stores');
  });
  after(async () => {
    await service.stop();
    await issuer.goAway();
  });

  const all = async (afterSequence = 0n, pageSize = 500) =>
    (await stores.listTakeovers({ afterSequence, pageSize })).takeovers;
  const arrive = async (email: string, client = service.client) => {
    const token = await issuer.token(`auth0|${randomUUID()}`, { [EMAIL]: email, [VERIFIED]: true });
    await client.getProfile({}, as(token));
  };
  const squat = async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    return { email, userId: String(decodeJwt(accessToken).sub) };
  };

  it('lists an account once that the owner of its address took over, and takes its permissions away', async () => {
    const { email, userId } = await squat();
    const sql = `INSERT INTO user_permissions (user_id, permission, grant_time)
      SELECT user_id, 'ledger:verify', UTC_TIMESTAMP(3) FROM users WHERE email = ?`;
    await service.sql(sql, [email]);
    await arrive(email);
    await arrive(email);
    const own = (await all()).filter((takeover) => takeover.userId === userId);
    assert.equal(own.length, 1);
    assert.ok(Math.abs((own[0]?.takeOverTime?.getTime() ?? 0) - service.clock.now().getTime()) < 60_000);
    const left = 'SELECT 1 FROM user_permissions p JOIN users u ON u.user_id = p.user_id WHERE u.email = ?';
    assert.deepEqual(await service.sql(left, [email]), []);
  });

  it('lists no account that nobody had before, and none whose address was verified', async () => {
    const before = await all();
    await arrive(`${randomUUID()}@example.com`);
    const { email } = await squat();
    await service.sql('UPDATE users SET email_verified = TRUE WHERE email = ?', [email]);
    await arrive(email);
    assert.deepEqual(await all(), before);
  });

  it('lists those of many at once on two replicas without a gap, so that who follows misses none', async () => {
    const squatters = await Promise.all(Array.from({ length: 12 }, squat));
    const replica = await service.replica();
    const [last] = (await all()).slice(-1);
    const seen: bigint[] = [];
    let done = false;
    const watch = async () => {
      while (!done || (await all(seen.at(-1) ?? last?.sequence)).length > 0) {
        for (const { sequence } of await all(seen.at(-1) ?? last?.sequence, 3)) seen.push(sequence);
      }
    };
    const takeOver = async () => {
      await Promise.all(squatters.map(({ email }, index) => arrive(email, index % 2 ? replica : service.client)));
      done = true;
    };
    await Promise.all([watch(), takeOver()]);
    const first = (last?.sequence ?? 0n) + 1n;
    assert.deepEqual(
      seen,
      squatters.map((_, index) => first + BigInt(index)),
    );
    assert.equal(new Set((await all()).map(({ userId }) => userId)).size, (await all()).length);
  });

  it('is answered in one round trip, and by the primary key', async () => {
    const statements = await service.proxy.record(() => stores.listTakeovers({ afterSequence: 0n, pageSize: 0 }));
    assert.equal(statements.length, 1, statements.join('\n'));
    const [plan] = await service.sql<{ key: string; Extra: string | null }>(
      `EXPLAIN FORMAT=TRADITIONAL ${statements[0]}`,
    );
    assert.deepEqual([plan?.key, /filesort/.test(plan?.Extra ?? '')], ['PRIMARY', false]);
  });

  it('refuses every certificate that the policy does not name', async () => {
    for (const name of ['edge-gateway', 'svc-subscriptions', 'developer']) {
      const call = (await service.clientAs(name)).listTakeovers({ afterSequence: 0n, pageSize: 0 });
      await rejectsWith(call, 'PERMISSION_DENIED', 'CALLER_NOT_ALLOWED');
    }
  });

  it('names the field of a position or a size that is none', async () => {
    for (const request of [
      { afterSequence: -1n, pageSize: 0 },
      { afterSequence: 0n, pageSize: 501 },
    ]) {
      await rejectsWith(stores.listTakeovers(request), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    }
  });
});
