import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { vaultOf } from '../../src/crypto/secret-vault.ts';
import { type Orm, openOrm } from '../../src/data/orm.ts';
import { countUnreadable, reencrypt } from '../../src/data/webhooks/reencrypt.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openShop } from '../support/shop.ts';

describe('a new KEY_ENCRYPTION_KEY', () => {
  let service: TestService;
  let orm: Orm;
  before(async () => {
    service = await startTestService();
    orm = openOrm(service.config.DATABASE_URL);
  });
  after(async () => {
    await orm.close();
    await service.stop();
  });

  it('opens what is under the previous one, takes it over, and then does without; what it cannot open is counted', async () => {
    const shop = await openShop(service);
    for (let made = 0; made < 3; made += 1) {
      const request = { storeId: '', url: 'http://localhost:1/', eventTypes: [] };
      await service.edge.webhooks.createWebhookEndpoint(request, shop.customer());
    }
    const { KEY_ENCRYPTION_KEY: old } = service.config;
    const next = new Uint8Array(randomBytes(32));
    const rotated = vaultOf({ KEY_ENCRYPTION_KEY: next, KEY_ENCRYPTION_KEYS_PREVIOUS: [old] });
    const alone = vaultOf({ KEY_ENCRYPTION_KEY: next, KEY_ENCRYPTION_KEYS_PREVIOUS: [] });
    assert.equal(await countUnreadable(orm, rotated), 0);
    assert.equal(await countUnreadable(orm, alone), 3);
    await assert.rejects(reencrypt(orm, alone), /neither KEY_ENCRYPTION_KEY nor a previous key opens/);
    const done = await Promise.all([reencrypt(orm, rotated), reencrypt(orm, rotated)]);
    assert.ok(done.some((count) => count > 0));
    assert.equal(await countUnreadable(orm, alone), 0);
    assert.equal(await reencrypt(orm, rotated), 0);
  });
});
