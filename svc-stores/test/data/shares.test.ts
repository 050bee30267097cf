import assert from 'node:assert/strict';
import { isServiceError, readStatus } from '@malla/chassis/status';
import { openOrm } from '../../src/data/orm.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newProduct, newReservationId, newVariant, openShop, publish, type Shop } from '../support/shop.ts';

const READERS = 150;

describe('the connections of public reads', () => {
  let service: TestService;
  let shop: Shop;
  before(async () => {
    service = await startTestService({ workers: false });
    shop = await openShop(service);
  });
  after(() => service.stop());

  it('are some of all: when they hang, others are refused at once and stock goes on', async () => {
    const product = await publish(service, shop, newProduct({ variants: [newVariant({ initialStock: 9 })] }));
    const variantId = product.variants[0]?.variantId ?? '';
    const unlock = await lockStores();
    const startMs = performance.now();
    const reads = Array.from({ length: READERS }, () => read(shop.storeId));
    const first = Promise.race(reads);
    assert.equal(await first, 'DATABASE_BUSY', 'the queue is bounded');
    assert.ok(performance.now() - startMs < 5_000);
    const reservationId = newReservationId();
    const reservedMs = performance.now();
    await service.transactions.reservations
      .extendReservation({ reservationId, lifetime: undefined })
      .catch(() => undefined);
    await service.transactions.stock.batchGetStock({ variantIds: [variantId] }, shop.owner).catch(() => undefined);
    assert.ok(performance.now() - reservedMs < 3_000, `${performance.now() - reservedMs} ms`);
    await unlock();
    const outcomes = await Promise.all(reads);
    assert.ok(outcomes.filter((outcome) => outcome === 'DATABASE_BUSY').length >= READERS - 108);
    assert.equal(await read(shop.storeId), 'read');
  });

  async function read(storeId: string): Promise<string | undefined> {
    try {
      await service.edge.stores.getStore({ name: { $case: 'storeId', value: storeId } });
      return 'read';
    } catch (error) {
      if (!isServiceError(error)) throw error;
      return readStatus(error).reason;
    }
  }

  /** Makes every statement that reads stores wait. @returns how to end that. */
  async function lockStores(): Promise<() => Promise<void>> {
    const orm = openOrm(service.databaseUrl);
    const held = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holding = orm.em.fork().transactional(async (em) => {
      await em.execute('LOCK TABLES stores WRITE');
      locked.resolve();
      await held.promise;
      await em.execute('UNLOCK TABLES');
    });
    await locked.promise;
    return async () => {
      held.resolve();
      await holding;
      await orm.close();
    };
  }
});
