import assert from 'node:assert/strict';
import type { WebhookEndpoint } from '@malla/proto/malla/transactions/v1/webhook';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { endpointOf, newEndpoint } from '../support/webhooks.ts';

const URL = 'https://8.8.8.8/hooks';
const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;
const HOUR_MS = 3_600_000;

describe('WebhooksService, changes', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  describe('UpdateWebhookEndpoint', () => {
    it('changes what the mask names, and nothing else', async () => {
      const shop = await openShop(service);
      const endpoint = await newEndpoint(service, shop, URL, ['refund.created']);
      const all = { url: 'https://1.1.1.1/', eventTypes: ['dispute.won'], enabled: false };
      const first = await update(shop, { ...endpoint, ...all }, ['url']);
      assert.deepEqual([first.url, first.eventTypes, first.enabled], ['https://1.1.1.1/', ['refund.created'], true]);
      const second = await update(shop, { ...endpoint, etag: first.etag, enabled: false }, ['enabled']);
      assert.deepEqual([second.enabled, second.disabledReason], [false, 'BY_OWNER']);
      const third = await update(shop, { ...endpoint, ...all, etag: '', enabled: true }, ['*']);
      assert.deepEqual([third.eventTypes, third.enabled, third.disabledReason], [['dispute.won'], true, '']);
      const fourth = await update(shop, { ...endpoint, url: '', etag: '', eventTypes: [] }, ['event_types', 'etag']);
      assert.deepEqual([fourth.url, fourth.eventTypes], ['https://1.1.1.1/', []]);
    });

    it('without a mask changes what has a value', async () => {
      const shop = await openShop(service);
      const { webhookEndpointId } = await newEndpoint(service, shop, URL, ['refund.created']);
      const changed = await update(shop, { ...endpointOf(webhookEndpointId), url: 'https://1.1.1.1/' });
      assert.deepEqual(
        [changed.url, changed.eventTypes, changed.enabled],
        ['https://1.1.1.1/', ['refund.created'], true],
      );
    });

    it('answers ABORTED when the endpoint has changed since, and one of two that meet wins', async () => {
      const shop = await openShop(service);
      const endpoint = await newEndpoint(service, shop, URL);
      const outcomes = await Promise.allSettled(
        [1, 2, 3].map(() => update(shop, { ...endpoint, enabled: false }, ['enabled'])),
      );
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
      await rejectsWith(update(shop, endpoint, ['enabled']), 'ABORTED', 'ETAG_MISMATCH');
    });

    it('answers INVALID_ARGUMENT, and names the field', async () => {
      const shop = await openShop(service);
      const endpoint = await newEndpoint(service, shop, URL);
      for (const [change, mask, reason, field] of [
        [{ url: 'https://[::1]/' }, ['url'], 'WEBHOOK_URL_REFUSED', 'webhook_endpoint.url'],
        [{ url: '' }, ['url'], 'WEBHOOK_URL_REFUSED', 'webhook_endpoint.url'],
        [{ enabled: undefined }, ['enabled'], 'WEBHOOK_ENDPOINT_INVALID', 'webhook_endpoint.enabled'],
        [{}, ['secret'], 'UPDATE_MASK_INVALID', 'update_mask'],
        [{ eventTypes: ['x'] }, ['event_types'], 'MESSAGE_INVALID', 'webhook_endpoint.event_types[0]'],
        [{ webhookEndpointId: '' }, ['url'], 'MESSAGE_INVALID', 'webhook_endpoint'],
      ] as const) {
        const changed = { ...endpoint, ...change } as WebhookEndpoint;
        const told = await rejectsWith(update(shop, changed, [...mask]), 'INVALID_ARGUMENT', reason);
        assert.deepEqual(
          told.fields.map((one) => one.field),
          [field],
        );
      }
    });
  });

  it('deletes an endpoint and its secrets, again without effect', async () => {
    const shop = await openShop(service);
    const { webhookEndpointId } = await newEndpoint(service, shop, URL);
    for (let round = 0; round < 2; round += 1) {
      assert.deepEqual(await service.edge.webhooks.deleteWebhookEndpoint({ webhookEndpointId }, shop.owner()), {});
    }
    await rejectsWith(get(shop, webhookEndpointId), 'NOT_FOUND', 'WEBHOOK_ENDPOINT_NOT_FOUND');
    const rotate = service.edge.webhooks.rotateWebhookSecret({ webhookEndpointId, overlap: undefined }, shop.owner());
    await rejectsWith(rotate, 'NOT_FOUND', 'WEBHOOK_ENDPOINT_NOT_FOUND');
    const list = await service.edge.webhooks.listWebhookEndpoints(shop, shop.owner());
    assert.deepEqual(list.webhookEndpoints, []);
  });

  describe('RotateWebhookSecret', () => {
    it('lets five secrets sign when 64 are made at once', async () => {
      const shop = await openShop(service);
      const { webhookEndpointId } = await newEndpoint(service, shop, URL);
      const outcomes = await Promise.allSettled(Array.from({ length: 64 }, () => rotate(shop, webhookEndpointId)));
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 4);
      await rejectsWith(rotate(shop, webhookEndpointId), 'RESOURCE_EXHAUSTED', 'WEBHOOK_SECRETS_TOO_MANY');
    });

    it('makes a new secret, and lets the old ones sign for a day', async () => {
      const shop = await openShop(service);
      const first = await newEndpoint(service, shop, URL);
      const second = await rotate(shop, first.webhookEndpointId);
      assert.match(second.secret, SECRET);
      assert.notEqual(second.secret, first.secret);
      const until = second.webhookEndpoint?.oldSecretsExpireTime?.getTime() ?? 0;
      assert.ok(Math.abs(until - service.clock.now().getTime() - 24 * HOUR_MS) < 60_000);
    });

    it('lets no more than five sign, and ends all old ones when asked to', async () => {
      const shop = await openShop(service);
      const { webhookEndpointId } = await newEndpoint(service, shop, URL);
      await Promise.all([1, 2, 3, 4].map(() => rotate(shop, webhookEndpointId)));
      await rejectsWith(rotate(shop, webhookEndpointId), 'RESOURCE_EXHAUSTED', 'WEBHOOK_SECRETS_TOO_MANY');
      const { webhookEndpoint } = await rotate(shop, webhookEndpointId, 0n);
      assert.equal(webhookEndpoint?.oldSecretsExpireTime, undefined);
    });

    it('answers INVALID_ARGUMENT for an overlap that is negative or longer than a week', async () => {
      const shop = await openShop(service);
      const { webhookEndpointId } = await newEndpoint(service, shop, URL);
      for (const seconds of [-1n, 604_801n]) {
        const told = await rejectsWith(rotate(shop, webhookEndpointId, seconds), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
        assert.equal(told.fields[0]?.field, 'overlap');
      }
    });
  });

  async function get(shop: Shop, webhookEndpointId: string): Promise<WebhookEndpoint> {
    const { webhookEndpoint } = await service.edge.webhooks.getWebhookEndpoint({ webhookEndpointId }, shop.owner());
    assert.ok(webhookEndpoint);
    return webhookEndpoint;
  }

  async function update(shop: Shop, webhookEndpoint: WebhookEndpoint, updateMask?: string[]) {
    const answer = await service.edge.webhooks.updateWebhookEndpoint({ webhookEndpoint, updateMask }, shop.owner());
    assert.ok(answer.webhookEndpoint);
    return answer.webhookEndpoint;
  }

  function rotate(shop: Shop, webhookEndpointId: string, seconds?: bigint) {
    const overlap = seconds === undefined ? undefined : { seconds, nanos: 0 };
    return service.edge.webhooks.rotateWebhookSecret({ webhookEndpointId, overlap }, shop.owner());
  }
});
