import assert from 'node:assert/strict';
import { Store as StoreMessage, StoreState } from '@malla/proto/malla/stores/v1/store';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openShop, type Shop } from '../support/shop.ts';

describe('StoresService/UpdateStore, CloseStore, ReopenStore and ListStores', () => {
  let service: TestService;
  let shop: Shop;
  before(async () => {
    service = await startTestService();
  });
  beforeEach(async () => {
    shop = await openShop(service);
  });
  after(() => service.stop());

  const get = async () =>
    (await service.edge.stores.getStore({ name: { $case: 'storeId', value: shop.storeId } })).store as StoreMessage;
  const update = (changes: Partial<StoreMessage>, updateMask: string[], who = shop.owner) =>
    service.edge.stores.updateStore(
      { store: StoreMessage.create({ storeId: shop.storeId, ...changes }), updateMask },
      who,
    );

  it('changes what the mask names', async () => {
    const before = await get();
    await update({ name: 'New', description: 'ignored' }, ['name']);
    const after = await get();
    assert.deepEqual(
      { ...after, etag: '', updateTime: undefined },
      { ...before, name: 'New', etag: '', updateTime: undefined },
    );
  });

  it('changes nothing, nor its version, when nothing would be different', async () => {
    const before = await get();
    await update({}, []);
    await update({ name: before.name, etag: before.etag }, ['name']);
    assert.deepEqual(await get(), before);
  });

  it('changes neither slug nor currency, and lets them be sent as they are', async () => {
    const { slug } = await get();
    const said = await rejectsWith(
      update({ slug: 'another', currencyCode: 'USD' }, ['slug', 'currency_code']),
      'INVALID_ARGUMENT',
      'FIELD_IMMUTABLE',
    );
    assert.deepEqual(
      said.fields.map(({ field }) => field),
      ['store.slug', 'store.currency_code'],
    );
    await update({ slug, name: 'Same slug' }, ['slug', 'name']);
  });

  it('answers ABORTED when the etag is not that of the store', async () => {
    const { etag } = await get();
    await update({ name: 'One', etag }, ['name']);
    await rejectsWith(update({ name: 'Two', etag }, ['name']), 'ABORTED', 'ETAG_MISMATCH');
  });

  it('names some of the unknown fields when a mask holds thousands', async () => {
    const mask = Array.from({ length: 5_000 }, (_, at) => `unknown_${at}_${'x'.repeat(200)}`);
    const said = await rejectsWith(update({ name: 'x' }, mask), 'INVALID_ARGUMENT', 'UPDATE_MASK_INVALID');
    assert.ok(said.fields.length > 1 && said.fields.length < 50, `${said.fields.length}`);
  });

  it('is for managers', async () => {
    const stranger = as(await service.users.token());
    await rejectsWith(update({ name: 'x' }, ['name'], stranger), 'PERMISSION_DENIED', 'ROLE_MISSING');
  });

  it('closes and opens again, each time as often as asked', async () => {
    const { storeId } = shop;
    for (const state of [StoreState.CLOSED, StoreState.CLOSED]) {
      assert.equal((await service.edge.stores.closeStore({ storeId }, shop.owner)).store?.state, state);
    }
    assert.equal((await service.edge.stores.reopenStore({ storeId }, shop.owner)).store?.state, StoreState.OPEN);
  });

  it('lists open stores, newest first, page by page', async () => {
    const others = [await openShop(service), await openShop(service)];
    const { storeId } = await openShop(service);
    const first = await service.edge.stores.listStores({ pageSize: 2, pageToken: '' });
    const second = await service.edge.stores.listStores({ pageSize: 2, pageToken: first.nextPageToken });
    const ids = [...first.stores, ...second.stores].map((store) => store.storeId);
    assert.deepEqual(ids, [storeId, others[1]?.storeId, others[0]?.storeId, shop.storeId]);
  });
});
