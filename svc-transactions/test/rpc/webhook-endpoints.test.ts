import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { StaffRole } from '@malla/proto/malla/stores/v1/store';
import type { WebhookEndpoint } from '@malla/proto/malla/transactions/v1/webhook';
import { typeid } from 'typeid-js';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { newUserId } from '../support/users.ts';
import { endpointOf, newEndpoint } from '../support/webhooks.ts';

const URL = 'https://8.8.8.8/hooks';
const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;

describe('WebhooksService', () => {
  let service: TestService;
  /** What names lead to. */
  const names = new Map([['inside.example.com', ['10.0.0.7']]]);
  before(async () => {
    const resolve = async (name: string) =>
      name === 'slow.example.com' ? new Promise<string[]>(() => undefined) : (names.get(name) ?? ['8.8.8.8']);
    service = await startTestService({}, { resolve });
  });
  after(() => service.stop());

  describe('CreateWebhookEndpoint', () => {
    it('makes an endpoint of a store, and shows its secret once', async () => {
      const shop = await openShop(service);
      const { secret, ...endpoint } = await newEndpoint(service, shop, URL, ['refund.created']);
      assert.match(secret, SECRET);
      const { storeId, userId, url, eventTypes, enabled, disabledReason } = endpoint;
      assert.deepEqual(
        { storeId, userId, url, eventTypes, enabled, disabledReason },
        { ...{ storeId: shop.storeId, userId: '', url: URL, eventTypes: ['refund.created'] }, ...OPEN },
      );
      assert.deepEqual(await get(shop, endpoint.webhookEndpointId), endpoint);
      const { webhookEndpoints } = await service.edge.webhooks.listWebhookEndpoints(shop, shop.owner());
      assert.deepEqual(webhookEndpoints, [endpoint]);
    });

    it('makes an endpoint of a user, whom no store is asked about', async () => {
      const shop = await openShop(service);
      const request = { storeId: '', url: URL, eventTypes: [] };
      const { webhookEndpoint } = await service.edge.webhooks.createWebhookEndpoint(request, shop.customer());
      assert.deepEqual([webhookEndpoint?.storeId, webhookEndpoint?.userId], ['', shop.userId]);
      const list = await service.edge.webhooks.listWebhookEndpoints({ storeId: '' }, shop.customer());
      assert.deepEqual(list.webhookEndpoints, [webhookEndpoint]);
    });

    it('is done once for a key, and what is kept with the key is no secret', async () => {
      const shop = await openShop(service);
      const [key, request] = [randomUUID(), { storeId: shop.storeId, url: URL, eventTypes: [] }];
      const first = await service.edge.webhooks.createWebhookEndpoint(request, shop.owner(key));
      const second = await service.edge.webhooks.createWebhookEndpoint(request, shop.owner(key));
      assert.deepEqual(second, { ...first, secret: '' });
      const answers = await service.sql<{ response: Buffer }>('SELECT response FROM idempotency_keys');
      const sealed = await service.sql<{ sealed: string }>('SELECT sealed FROM webhook_secrets');
      const kept = [...answers.map(({ response }) => response.toString('latin1')), JSON.stringify(sealed)].join();
      assert.ok(kept.includes(first.webhookEndpoint?.webhookEndpointId ?? '?'));
      assert.ok(!kept.includes(first.secret) && !kept.includes(first.secret.slice('whsec_'.length)));
    });

    it('answers RESOURCE_EXHAUSTED for the 21st, also when all come at once', async () => {
      const shop = await openShop(service);
      const outcomes = await Promise.allSettled(Array.from({ length: 25 }, () => newEndpoint(service, shop, URL)));
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 20);
      await rejectsWith(newEndpoint(service, shop, URL), 'RESOURCE_EXHAUSTED', 'WEBHOOK_ENDPOINTS_TOO_MANY');
    });

    for (const [url, why] of [
      ['http://hooks.example.com/', 'must start with https://'],
      ['https://u:p@hooks.example.com/', 'must hold no credentials'],
      ['https://10.0.0.1/', 'must have a host on the public internet'],
      ['https://0x7f000001/', 'must have a host on the public internet'],
      ['https://inside.example.com/', 'must have a host on the public internet'],
      ['https://slow.example.com/', 'must have a host that is found within 3 s'],
      ['hooks', 'must be an absolute URL'],
    ] as const) {
      it(`answers INVALID_ARGUMENT for ${url}, and says that it ${why}`, async () => {
        const shop = await openShop(service);
        const told = await rejectsWith(newEndpoint(service, shop, url), 'INVALID_ARGUMENT', 'WEBHOOK_URL_REFUSED');
        assert.deepEqual(told.fields, [{ field: 'url', reason: 'WEBHOOK_URL_REFUSED', description: why }]);
      });
    }

    it('names every field that breaks a rule', async () => {
      const shop = await openShop(service);
      const bad = [
        { change: { url: '' }, field: 'url' },
        { change: { url: `https://x.example.com/${'x'.repeat(2_000)}` }, field: 'url' },
        { change: { url: 'https://x.example.com/ü' }, field: 'url' },
        { change: { url: 'https://x.example.com/\r\nx: y' }, field: 'url' },
        { change: { storeId: 'store_1' }, field: 'store_id' },
        { change: { eventTypes: ['purchase.captured', 'purchase.lost'] }, field: 'event_types[1]' },
        { change: { eventTypes: ['webhook.test'] }, field: 'event_types[0]' },
        { change: { eventTypes: ['refund.failed', 'refund.failed'] }, field: 'event_types' },
      ];
      for (const { change, field } of bad) {
        const request = { storeId: shop.storeId, url: URL, eventTypes: [], ...change };
        const call = service.edge.webhooks.createWebhookEndpoint(request, shop.owner());
        const told = await rejectsWith(call, 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
        assert.deepEqual([...new Set(told.fields.map((one) => one.field))], [field]);
      }
    });

    it('is for the owner and the managers of a store, and for nobody else', async () => {
      const shop = await openShop(service);
      const request = { storeId: shop.storeId, url: URL, eventTypes: [] };
      const [manager, clerk] = [newUserId(), newUserId()];
      service.stores.employ(shop.storeId, manager, StaffRole.MANAGER);
      service.stores.employ(shop.storeId, clerk, StaffRole.CLERK);
      await service.edge.webhooks.createWebhookEndpoint(request, as(await service.users.token(manager)));
      for (const options of [as(await service.users.token(clerk)), shop.customer()]) {
        const call = service.edge.webhooks.createWebhookEndpoint(request, options);
        await rejectsWith(call, 'PERMISSION_DENIED', 'ROLE_MISSING');
        await rejectsWith(
          service.edge.webhooks.listWebhookEndpoints(shop, options),
          'PERMISSION_DENIED',
          'ROLE_MISSING',
        );
      }
      const nowhere = { ...request, storeId: typeid('store').toString() };
      const call = service.edge.webhooks.createWebhookEndpoint(nowhere, shop.owner());
      await rejectsWith(call, 'NOT_FOUND', 'STORE_NOT_FOUND');
    });
  });

  it('shows an endpoint to nobody else, whatever is asked of it', async () => {
    const [shop, other] = [await openShop(service), await openShop(service)];
    const { webhooks } = service.edge;
    const { webhookEndpointId } = await newEndpoint(service, shop, URL);
    const own = { storeId: '', url: URL, eventTypes: [] };
    const ofUser =
      (await webhooks.createWebhookEndpoint(own, shop.customer())).webhookEndpoint?.webhookEndpointId ?? '';
    const eventId = typeid('evt').toString();
    const clerk = newUserId();
    service.stores.employ(shop.storeId, clerk, StaffRole.CLERK);
    const strangers = [other.owner(), other.customer(), as(await service.users.token(clerk))];
    const asked = [
      ...[shop.customer(), ...strangers].map((who) => ({ id: webhookEndpointId, who })),
      ...[shop.owner(), ...strangers].map((who) => ({ id: ofUser, who })),
      { id: typeid('we').toString(), who: shop.owner() },
    ];
    for (const { id, who } of asked) {
      const which = { webhookEndpointId: id };
      const update = { webhookEndpoint: { ...endpointOf(id), enabled: false }, updateMask: undefined };
      const calls = [
        webhooks.getWebhookEndpoint(which, who),
        webhooks.updateWebhookEndpoint(update, who),
        webhooks.deleteWebhookEndpoint(which, who),
        webhooks.rotateWebhookSecret({ ...which, overlap: undefined }, who),
        webhooks.testWebhookEndpoint(which, who),
        webhooks.listWebhookDeliveries({ ...which, state: 0, pageSize: 0, pageToken: '' }, who),
        webhooks.getWebhookDelivery({ ...which, eventId }, who),
        webhooks.replayWebhookDelivery({ ...which, eventId }, who),
      ];
      await Promise.all(calls.map((call) => rejectsWith(call, 'NOT_FOUND', 'WEBHOOK_ENDPOINT_NOT_FOUND')));
    }
    assert.equal((await get(shop, webhookEndpointId)).enabled, true);
  });

  const OPEN = { enabled: true, disabledReason: '' };

  async function get(shop: Shop, webhookEndpointId: string): Promise<WebhookEndpoint> {
    const { webhookEndpoint } = await service.edge.webhooks.getWebhookEndpoint({ webhookEndpointId }, shop.owner());
    assert.ok(webhookEndpoint);
    return webhookEndpoint;
  }
});
