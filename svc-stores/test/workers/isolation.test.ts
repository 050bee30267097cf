import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { SearchProductsRequest } from '@malla/proto/malla/stores/v1/search';
import { startTestService, type TestService } from '../support/service.ts';
import {
  newProduct,
  newReservationId,
  newVariant,
  openShop,
  publish,
  type Shop,
  stockOf,
  stockVariants,
} from '../support/shop.ts';

const POLL_MS = 50;
/** How long something is put off at the most. */
const WAIT_MS_MAX = 600_000;

describe('what fails in the workers', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  const until = async (holds: () => Promise<boolean>) => {
    while (!(await holds())) await sleep(POLL_MS);
  };
  const found = async (query: string) => {
    const { items } = await service.edge.catalog.searchProducts(SearchProductsRequest.create({ query }));
    return items.map(({ name }) => name).toSorted();
  };
  const close = ({ storeId, owner }: Shop) => service.edge.stores.closeStore({ storeId }, owner);
  const reopen = ({ storeId, owner }: Shop) => service.edge.stores.reopenStore({ storeId }, owner);

  it('takes the longest name and tags that the rules allow, also when each character becomes eighteen', async () => {
    const shop = await openShop(service);
    const long = '\u{fdfa}';
    const tags = Array.from({ length: 30 }, (_, at) => `${long.repeat(at)}\u{fdfb}${long.repeat(49 - at)}`);
    await close(shop);
    const product = await publish(service, shop, newProduct({ name: long.repeat(200), tags }));
    await reopen(shop);
    await service.settled();
    const update = { product: { ...product, description: 'known by this', etag: '' }, updateMask: ['description'] };
    await service.edge.products.updateProduct(update, shop.owner);
    assert.deepEqual(await found('known this'), [product.name]);
  });

  it('holds up no other product, and is tried again ever later', async () => {
    const [shop, other] = [await openShop(service), await openShop(service)];
    await close(shop);
    await close(other);
    const names = ['poison', ...Array.from({ length: 9 }, (_, at) => `remedy ${at}`)];
    for (const name of names) await publish(service, shop, newProduct({ name }));
    await publish(service, other, newProduct({ name: 'remedy 9' }));
    await service.sql("ALTER TABLE catalog ADD CONSTRAINT poison CHECK (name <> 'poison')");
    await reopen(shop);
    await reopen(other);
    await service.settled();
    assert.equal((await found('remedy')).length, 10);
    assert.deepEqual(await found('poison'), []);
    const attempts = async () =>
      (await service.sql<{ attempts: number }>('SELECT attempts FROM catalog_retries'))[0]?.attempts ?? 0;
    const before = await attempts();
    assert.ok(before > 0);
    service.clock.advance(WAIT_MS_MAX);
    await until(async () => (await attempts()) > before);
    await service.sql('ALTER TABLE catalog DROP CONSTRAINT poison');
    service.clock.advance(WAIT_MS_MAX);
    await until(async () => (await found('poison')).length === 1);
    assert.equal(await attempts(), 0);
  });

  it('holds up no price of another product', async () => {
    const shop = await openShop(service);
    const startTime = new Date(service.clock.now().getTime() + 60_000);
    const price = (amountMinor: bigint) => ({ amount: { currencyCode: 'EUR', amountMinor }, compareAt: undefined });
    const prices = [
      { ...price(900n), startTime: undefined, endTime: undefined },
      { ...price(700n), startTime, endTime: undefined },
    ];
    const names = ['sick', 'sound one', 'sound two'];
    for (const name of names) await publish(service, shop, newProduct({ name, variants: [newVariant({ prices })] }));
    await service.sql(
      "ALTER TABLE catalog ADD CONSTRAINT sick CHECK (name <> 'sick' OR JSON_EXTRACT(prices, '$.EUR.amountMinor') <> 700)",
    );
    service.clock.advance(61_000);
    const search = async () => {
      const request = SearchProductsRequest.create({ storeId: shop.storeId, priceMaxMinor: 700n });
      return (await service.edge.catalog.searchProducts(request)).items.length;
    };
    await until(async () => (await search()) === 2);
    await service.sql('ALTER TABLE catalog DROP CONSTRAINT sick');
    service.clock.advance(WAIT_MS_MAX);
    await until(async () => (await search()) === 3);
  });

  it('holds up no other reservation that has expired, and is given back in the end', async () => {
    const shop = await openShop(service);
    const ids = await stockVariants(service, shop, 10, 10);
    const reserve = async (variantId = '') => {
      const reservationId = newReservationId();
      const lines = [{ variantId, quantity: 1 }];
      const lifetime = { seconds: 60n, nanos: 0 };
      await service.transactions.reservations.reserveStock({ reservationId, ownerId: 'o', lines, lifetime });
      return reservationId;
    };
    const bad = await reserve(ids[0]);
    await sleep(5);
    await reserve(ids[1]);
    await service.sql(
      `ALTER TABLE stock_entries ADD CONSTRAINT bad CHECK (NOT (reason = 'expired' AND actor = '${bad}'))`,
    );
    service.clock.advance(61_000);
    await until(async () => (await stockOf(service, shop, ids))[1]?.[1] === 0);
    assert.equal((await stockOf(service, shop, ids))[0]?.[1], 1);
    await service.sql('ALTER TABLE stock_entries DROP CONSTRAINT bad');
    service.clock.advance(WAIT_MS_MAX);
    await until(async () => (await stockOf(service, shop, ids))[0]?.[1] === 0);
  });
});
