import assert from 'node:assert/strict';
import { User } from '@malla/proto/malla/users/v1/user';
import { as } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { watchHealth } from '../support/health.ts';
import { lockWaits, until, whileProfileLocked } from '../support/locks.ts';
import { PASSWORD, registerSomebody, startTestService, type TestService } from '../support/service.ts';

describe('A database that', () => {
  let service: TestService;
  beforeEach(async () => {
    service = await startTestService();
  });
  afterEach(() => service.stop());

  it('is away makes every call that needs it UNAVAILABLE, and no other', async () => {
    const { accessToken, email, refreshToken } = await registerSomebody(service.client);
    await service.proxy.cut();
    const calls = [
      service.client.getProfile({}, as(accessToken)),
      service.client.listSessions({ pageSize: 0, pageToken: '' }, as(accessToken)),
      service.client.login({ email, password: PASSWORD }),
      service.client.refreshToken({ refreshToken }),
      service.client.registerUser({ email: 'a@example.com', password: PASSWORD, displayName: 'Ana' }),
    ];
    for (const said of await Promise.all(calls.map(unavailable))) assert.ok(said.retryAfterMs);
    await service.client.getJwks({});
    await service.proxy.restore();
    await service.client.getProfile({}, as(accessToken));
    await service.client.refreshToken({ refreshToken });
  });

  it('is away makes the service say NOT_SERVING, and SERVING again when it is back', async () => {
    const health = await watchHealth(service.port);
    await health.until('SERVING');
    await service.proxy.cut();
    await health.until('NOT_SERVING');
    await service.proxy.restore();
    await health.until('SERVING');
    health.stop();
  });

  it('is away when the service starts keeps it NOT_SERVING until the database comes', async () => {
    const { accessToken, email } = await registerSomebody(service.client);
    await service.proxy.cut();
    const { client, port } = await service.startReplica();
    const health = await watchHealth(port);
    await health.until('NOT_SERVING');
    await rejectsWith(client.getJwks({}), 'UNAVAILABLE', 'SIGNING_KEYS_UNAVAILABLE');
    await rejectsWith(client.getProfile({}, as(accessToken)), 'UNAVAILABLE', 'SIGNING_KEYS_UNAVAILABLE');
    await service.proxy.restore();
    await health.until('SERVING');
    await client.login({ email, password: PASSWORD });
    health.stop();
  });

  it('breaks its connections, as when it restarts, costs the calls that run and leaves none behind it broken', async () => {
    const { accessToken } = await registerSomebody(service.client);
    for (let round = 0; round < 5; round += 1) {
      const calls = Array.from({ length: 30 }, () => update(accessToken));
      service.proxy.breakConnections();
      const outcomes = await Promise.allSettled(calls.map(unavailable));
      assert.equal(outcomes.length, 30);
    }
    await Promise.all(Array.from({ length: 30 }, () => update(accessToken)));
  });

  it('holds a lock on a row costs the calls that want it, and no other, however many they are', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    const other = await registerSomebody(service.client);
    await whileProfileLocked(service, email, async () => {
      const calls = Array.from({ length: 40 }, () => update(accessToken, 300));
      const outcomes = await Promise.allSettled(calls);
      assert.ok(outcomes.every(({ status }) => status === 'rejected'));
      await update(other.accessToken, 1_000);
    });
    await update(accessToken);
  });

  it('waits for a lock on behalf of a call that was cancelled is told to stop, and changes nothing', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    await whileProfileLocked(service, email, async () => {
      const cancel = new AbortController();
      const user = User.fromPartial({ displayName: 'Never' });
      const call = service.client.updateProfile(
        { user, updateMask: [] },
        { ...as(accessToken), signal: cancel.signal },
      );
      const failed = assert.rejects(call, { code: 1 });
      await until(async () => (await lockWaits(service)) === 1);
      cancel.abort();
      await failed;
      await until(async () => (await lockWaits(service)) === 0);
    });
    const { user } = await service.client.getProfile({}, as(accessToken));
    assert.equal(user?.displayName, 'Somebody');
  });

  function update(accessToken: string, timeoutMs?: number) {
    const user = User.fromPartial({ displayName: 'Bea' });
    const options = timeoutMs === undefined ? as(accessToken) : { ...as(accessToken), timeoutMs };
    return service.client.updateProfile({ user, updateMask: [] }, options);
  }
});

function unavailable(call: Promise<unknown>) {
  return rejectsWith(call, 'UNAVAILABLE', 'DATABASE_UNAVAILABLE');
}
