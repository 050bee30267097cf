import assert from 'node:assert/strict';
import { StoreState } from '@malla/proto/malla/stores/v1/store';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newStore, openShop } from '../support/shop.ts';
import { newUserId } from '../support/users.ts';

describe('StoresService/CreateStore', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('takes for a country what is one in ISO 3166-1, and not what is merely reserved there', async () => {
    for (const countryCode of ['EU', 'UN', 'XK', 'UK']) {
      const said = await rejectsWith(openShop(service, { countryCode }), 'INVALID_ARGUMENT', 'STORE_INVALID');
      assert.equal(said.fields[0]?.field, 'store.country_code');
    }
  });

  it('creates an open store that everybody can read, by id and by slug', async () => {
    const asked = newStore({ name: 'Café', contactEmail: 'a@example.com', contactPhone: '+525512345678' });
    const { store } = await service.edge.stores.createStore({ store: asked }, as(await service.users.token()));
    assert.match(store?.storeId ?? '', /^store_[0-9a-z]{26}$/);
    assert.equal(store?.state, StoreState.OPEN);
    assert.deepEqual(
      { ...store, storeId: '', state: 0, etag: '', createTime: undefined, updateTime: undefined },
      { ...asked },
    );
    const storeId = store?.storeId ?? '';
    const byId = await service.edge.stores.getStore({ name: { $case: 'storeId', value: storeId } });
    const bySlug = await service.edge.stores.getStore({ name: { $case: 'slug', value: asked.slug } });
    assert.deepEqual(byId.store, store);
    assert.deepEqual(bySlug.store, store);
  });

  it('makes the caller the owner', async () => {
    const user = as(await service.users.token());
    const { store } = await service.edge.stores.createStore({ store: newStore() }, user);
    const { stores } = await service.edge.staff.listMyStores({ pageSize: 0, pageToken: '' }, user);
    assert.deepEqual(
      stores.map((mine) => [mine.store?.storeId, mine.role]),
      [[store?.storeId, 1]],
    );
  });

  it('answers ALREADY_EXISTS when the slug is taken, and creates one store when ten want it at once', async () => {
    const store = newStore();
    const tokens = await Promise.all(Array.from({ length: 10 }, () => service.users.token()));
    const outcomes = await Promise.allSettled(
      tokens.map((token) => service.edge.stores.createStore({ store }, as(token))),
    );
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    const again = service.edge.stores.createStore({ store }, as(tokens[0] ?? ''));
    const said = await rejectsWith(again, 'ALREADY_EXISTS', 'SLUG_TAKEN');
    assert.equal(said.fields[0]?.field, 'store.slug');
  });

  it('counts in money that people pay with now, and in no other', async () => {
    const user = as(await service.users.token());
    const create = (currencyCode: string) =>
      service.edge.stores.createStore({ store: newStore({ currencyCode }) }, user);
    for (const currencyCode of ['HRK', 'BGN', 'XDR', 'XXX', 'XAU', 'CLF']) {
      const said = await rejectsWith(create(currencyCode), 'INVALID_ARGUMENT', 'STORE_INVALID');
      assert.deepEqual(
        said.fields.map(({ field }) => field),
        ['store.currency_code'],
      );
    }
    assert.equal((await create('XCG')).store?.currencyCode, 'XCG');
  });

  it('names every field that is missing or wrong', async () => {
    const user = as(await service.users.token());
    const blank = newStore({ slug: '', name: ' ', currencyCode: 'XXY', countryCode: 'QX' });
    const said = await rejectsWith(
      service.edge.stores.createStore({ store: blank }, user),
      'INVALID_ARGUMENT',
      'STORE_INVALID',
    );
    assert.deepEqual(said.fields.map(({ field }) => field).sort(), [
      'store.country_code',
      'store.currency_code',
      'store.name',
      'store.slug',
    ]);
  });

  it('creates no more than 100 stores of an owner when 64 are created at once, nor hands a 101st over', async () => {
    const ownerId = newUserId();
    const user = as(await service.users.token(ownerId));
    const create = () => service.edge.stores.createStore({ store: newStore() }, user);
    for (let made = 0; made < 60; made += 1) await create();
    const other = await openShop(service);
    await service.edge.staff.setStaffRole({ storeId: other.storeId, userId: ownerId, role: 2 }, other.owner);
    const outcomes = await Promise.allSettled(Array.from({ length: 64 }, create));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 40);
    await rejectsWith(create(), 'RESOURCE_EXHAUSTED', 'STORES_TOO_MANY');
    const handOver = service.edge.staff.transferOwnership({ storeId: other.storeId, userId: ownerId }, other.owner);
    await rejectsWith(handOver, 'RESOURCE_EXHAUSTED', 'STORES_TOO_MANY');
  });

  it('answers UNAUTHENTICATED without a token', async () => {
    await rejectsWith(service.edge.stores.createStore({ store: newStore() }), 'UNAUTHENTICATED', 'TOKEN_MISSING');
  });
});
