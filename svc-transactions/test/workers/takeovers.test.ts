import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFeedCursor, follow } from '@malla/chassis/follow';
import { StaffRole } from '@malla/proto/malla/stores/v1/store';
import { RequestContext } from '@mikro-orm/core';
import { openOrm } from '../../src/data/orm.ts';
import { createTransact } from '../../src/data/transact.ts';
import { as } from '../support/clients.ts';
import { startReplica } from '../support/replica.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newUserId } from '../support/users.ts';

const URL = 'https://8.8.8.8/hooks';

describe('After a takeover', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService({}, { resolve: async () => ['8.8.8.8'] });
  });
  after(() => service.stop());

  const caller = async (userId: string) => as(await service.users.token(userId));
  const hook = async (userId: string, storeId = '') => {
    const request = { storeId, url: URL, eventTypes: [] };
    const made = await service.edge.webhooks.createWebhookEndpoint(request, await caller(userId));
    return made.webhookEndpoint?.webhookEndpointId ?? '';
  };
  const hooks = async (userId: string, storeId = '') => {
    const list = await service.edge.webhooks.listWebhookEndpoints({ storeId }, await caller(userId));
    return list.webhookEndpoints.map(({ webhookEndpointId }) => webhookEndpointId);
  };
  const card = async (userId: string) => {
    const made = await service.edge.methods.attachPaymentMethod({ token: 'tok_success' }, await caller(userId));
    return made.paymentMethod?.paymentMethodId ?? '';
  };
  const cards = async (userId: string) => {
    const list = await service.edge.methods.listPaymentMethods({}, await caller(userId));
    return list.paymentMethods.map(({ paymentMethodId }) => paymentMethodId);
  };
  const takeOver = async (userId: string) => {
    await sleep(2);
    service.users.takeovers.push({ userId, takeOverTime: service.clock.now() });
    await sleep(2);
  };
  /** Ends when every takeover is applied. */
  const applied = async () => {
    const sql = "SELECT 1 FROM feed_cursors WHERE feed LIKE 'takeovers/%' AND sequence >= ?";
    while ((await service.sql(sql, [service.users.takeovers.length])).length < 2) await sleep(50);
  };

  it('the endpoints and payment methods from before are gone, and those from afterwards stay', async () => {
    const [userId, bystander] = [newUserId(), newUserId()];
    const storeId = service.stores.open(userId);
    await Promise.all([hook(userId), hook(userId, storeId), card(userId), card(userId)]);
    const others = [await hook(bystander), await card(bystander)];
    await takeOver(userId);
    const own = [await hook(userId), await hook(userId, storeId), await card(userId)];
    await applied();
    const left = [await hooks(userId), await hooks(userId, storeId), await cards(userId)];
    assert.deepEqual(
      left,
      own.map((id) => [id]),
    );
    assert.deepEqual([...(await hooks(bystander)), ...(await cards(bystander))], others);
    const secrets = `SELECT 1 FROM webhook_secrets s JOIN webhook_endpoints e ON e.endpoint_id = s.endpoint_id
      WHERE e.delete_time IS NOT NULL AND (s.expire_time IS NULL OR s.expire_time > e.delete_time)`;
    assert.deepEqual(await service.sql(secrets), []);
  });

  it('what an accomplice set up for the account’s store is gone, and what is of another’s store stays', async () => {
    const [userId, accomplice, merchant] = [newUserId(), newUserId(), newUserId()];
    const [own, another] = [service.stores.open(userId), service.stores.open(merchant)];
    service.stores.employ(own, accomplice, StaffRole.MANAGER);
    service.stores.employ(another, userId, StaffRole.MANAGER);
    await hook(accomplice, own);
    const kept = await hook(merchant, another);
    await takeOver(userId);
    await applied();
    assert.deepEqual([await hooks(userId, own), await hooks(merchant, another)], [[], [kept]]);
  });

  it('takeovers that happened while no replica ran are applied when several start', async () => {
    const users = Array.from({ length: 6 }, newUserId);
    for (const userId of users) await Promise.all([hook(userId), card(userId)]);
    for (const userId of users) await takeOver(userId);
    await service.sql('DELETE FROM feed_cursors');
    const replicas = [await startReplica(service), await startReplica(service)];
    await applied();
    for (const replica of replicas) await replica.stop();
    for (const userId of users) assert.deepEqual([...(await hooks(userId)), ...(await cards(userId))], []);
  });

  it('an entry takes effect once, also when its transaction breaks off and when replicas meet', async () => {
    const orm = openOrm(service.config.DATABASE_URL);
    const [transact, cursor] = [createTransact(orm), createFeedCursor(orm.em, 'test')];
    const entries = [1n, 2n, 3n].map((sequence) => ({ sequence }));
    await orm.em.fork().execute('CREATE TABLE test_effects (sequence BIGINT NOT NULL)');
    let breaks = 1;
    const round = () =>
      RequestContext.create(orm.em, () =>
        follow({
          ...{ cursor, transact, read: async (after) => entries.filter(({ sequence }) => sequence > after) },
          prepare:
            async ({ sequence }) =>
            async () => {
              await orm.em.execute('INSERT INTO test_effects VALUES (?)', [sequence]);
              if (sequence === 2n && breaks-- > 0) throw new Error('broken off');
            },
        }),
      );
    await assert.rejects(round(), /broken off/);
    const effects = async () =>
      (await service.sql<{ n: string }>('SELECT CAST(sequence AS CHAR) AS n FROM test_effects')).map(({ n }) => n);
    assert.deepEqual(await effects(), ['1']);
    await Promise.all([round(), round(), round()]);
    assert.deepEqual(await effects(), ['1', '2', '3']);
    assert.equal(await round(), false);
    await orm.close();
  });
});
