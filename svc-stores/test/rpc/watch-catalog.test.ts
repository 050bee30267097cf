import assert from 'node:assert/strict';
import { callServerStream } from '@malla/chassis/stream-call';
import { mallaContract } from '@malla/proto/contract';
import { CatalogChangeKind } from '@malla/proto/malla/stores/v1/catalog';
import {
  CatalogServiceService,
  WatchCatalogRequest,
  WatchCatalogResponse,
} from '@malla/proto/malla/stores/v1/catalog_service';
import { Product as ProductMessage } from '@malla/proto/malla/stores/v1/product';
import { createLogPurge } from '../../src/data/catalog-log.ts';
import { openOrm } from '../../src/data/orm.ts';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newProduct, newReservationId, newVariant, openShop, publish, type Shop } from '../support/shop.ts';

describe('CatalogService/WatchCatalog', () => {
  let service: TestService;
  let shop: Shop;
  before(async () => {
    service = await startTestService();
  });
  beforeEach(async () => {
    shop = await openShop(service);
  });
  after(() => service.stop());

  async function* watch(fields: Partial<WatchCatalogRequest> = {}, options = {}) {
    const rpc = mallaContract().rpcs.get(CatalogServiceService.watchCatalog.path);
    assert.ok(rpc);
    const request = WatchCatalogRequest.create({ storeId: shop.storeId, ...fields });
    const bytes = WatchCatalogRequest.encode(request).finish();
    for await (const answer of callServerStream(service.edge.channel, rpc, bytes, options)) {
      const { change, resumeToken } = WatchCatalogResponse.decode(answer);
      if (change) yield { ...change, resumeToken };
    }
  }
  const take = async (count: number, fields: Partial<WatchCatalogRequest> = {}) => {
    const changes = [];
    for await (const change of watch(fields)) if (changes.push(change) === count) break;
    return changes;
  };

  it('sends what happened to products, in its order', async () => {
    const product = await publish(service, shop, newProduct({ variants: [newVariant({ initialStock: 1 })] }));
    const update = (changes: Partial<ProductMessage>, updateMask: string[]) =>
      service.edge.products.updateProduct(
        { product: ProductMessage.create({ productId: product.productId, ...changes }), updateMask },
        shop.owner,
      );
    await update({ name: 'Other' }, ['name']);
    const [variant] = product.variants;
    const prices = [
      {
        amount: { currencyCode: 'EUR', amountMinor: 5n },
        compareAt: undefined,
        startTime: undefined,
        endTime: undefined,
      },
    ];
    await update({ variants: [{ ...(variant as NonNullable<typeof variant>), prices }] }, ['variants']);
    const reservationId = newReservationId();
    const lines = [{ variantId: variant?.variantId ?? '', quantity: 1 }];
    await service.transactions.reservations.reserveStock({ reservationId, ownerId: 'o', lines, lifetime: undefined });
    await service.settled();
    await service.transactions.reservations.releaseReservation({ reservationId });
    await service.settled();
    await service.edge.products.archiveProduct({ productId: product.productId }, shop.owner);
    const changes = await take(6);
    assert.deepEqual(
      changes.map(({ kind }) => kind),
      [
        CatalogChangeKind.PUBLISHED,
        CatalogChangeKind.UPDATED,
        CatalogChangeKind.PRICE_CHANGED,
        CatalogChangeKind.OUT_OF_STOCK,
        CatalogChangeKind.IN_STOCK,
        CatalogChangeKind.WITHDRAWN,
      ],
    );
    assert.ok(changes.every(({ productId, storeId }) => productId === product.productId && storeId === shop.storeId));
  });

  it('goes on after a position, and sends what happens while it watches', async () => {
    const first = await publish(service, shop, newProduct());
    const [known] = await take(1);
    const later = take(2, { resumeToken: known?.resumeToken ?? '' });
    const second = await publish(service, shop, newProduct());
    const third = await publish(service, shop, newProduct());
    assert.equal(known?.productId, first.productId);
    assert.deepEqual(
      (await later).map(({ productId }) => productId),
      [second.productId, third.productId],
    );
  });

  it('skips nothing of what twenty writers commit at once', async () => {
    const [last] = await service.sql<{ position: number }>('SELECT position FROM catalog_head');
    const watching = take(60, { storeId: '', resumeToken: String(last?.position) });
    const made = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const ids = [];
        for (let at = 0; at < 3; at += 1) ids.push((await publish(service, shop, newProduct())).productId);
        return ids;
      }),
    );
    const changes = await watching;
    assert.deepEqual(changes.map(({ productId }) => productId).toSorted(), made.flat().toSorted());
    const positions = changes.map(({ position }) => position);
    assert.deepEqual(
      positions,
      positions.map((_, at) => (positions[0] ?? 0n) + BigInt(at)),
    );
  });

  it('follows prices as they come into force and end', async () => {
    const now = service.clock.now().getTime();
    const euros = (amountMinor: bigint) => ({ currencyCode: 'EUR', amountMinor });
    const prices = [
      { amount: euros(10n), compareAt: undefined, startTime: undefined, endTime: undefined },
      { amount: euros(5n), compareAt: undefined, startTime: new Date(now + 60_000), endTime: new Date(now + 120_000) },
    ];
    await publish(service, shop, newProduct({ variants: [newVariant({ prices })] }));
    service.clock.advance(61_000);
    assert.equal((await take(2))[1]?.kind, CatalogChangeKind.PRICE_CHANGED);
    service.clock.advance(61_000);
    assert.equal((await take(3))[2]?.kind, CatalogChangeKind.PRICE_CHANGED);
  });

  it('ends by itself before its deadline, without a failure', async () => {
    const seen = [];
    for await (const change of watch({ fromNow: true }, { timeoutMs: 1_500 })) seen.push(change);
    assert.deepEqual(seen, []);
  });

  it('answers FAILED_PRECONDITION for a position that is not kept any more', async () => {
    await publish(service, shop, newProduct());
    await take(1);
    await service.sql('UPDATE catalog_head SET purged_position = 1');
    await service.sql('DELETE FROM catalog_changes WHERE position = 1');
    await service.sql('UPDATE catalog_head SET purged_position = 2 WHERE position >= 2');
    const stale = watch({ storeId: '', resumeToken: '1' }).next();
    const said = await rejectsWith(stale, 'FAILED_PRECONDITION', 'POSITION_EXPIRED');
    assert.match(said.metadata?.oldest_position ?? '', /^\d+$/);
  });

  it('forgets all that is older than a week, however much that is', async () => {
    const old = new Date(service.clock.now().getTime() - 8 * 24 * 3_600_000);
    await service.sql(
      `INSERT INTO catalog_changes (position, product_id, store_id, kind, change_time)
        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000)
        SELECT h.position + n, UUID_TO_BIN(UUID()), UUID_TO_BIN(UUID()), 'updated', ? FROM numbers, catalog_head h`,
      [old],
    );
    await service.sql('UPDATE catalog_head SET position = position + 1000');
    const orm = openOrm(service.databaseUrl);
    const purge = createLogPurge(orm, service.clock);
    let batches = 0;
    while (await purge()) batches += 1;
    await orm.close();
    assert.ok(batches > 1, `${batches}`);
    const left = await service.sql('SELECT 1 FROM catalog_changes, catalog_head WHERE change_time = ?', [old]);
    assert.deepEqual(left, []);
    const [head] = await service.sql<{ same: number }>('SELECT position = purged_position AS same FROM catalog_head');
    assert.equal(head?.same, 1);
  });

  it('is let go when the service stops', async () => {
    const other = await startTestService();
    const rpc = mallaContract().rpcs.get(CatalogServiceService.watchCatalog.path);
    assert.ok(rpc);
    const messages = callServerStream(
      other.edge.channel,
      rpc,
      WatchCatalogRequest.encode(WatchCatalogRequest.create()).finish(),
    );
    const ended = messages.next();
    await other.edge.stores.listStores({ pageSize: 0, pageToken: '' });
    await Promise.all([ended.catch(() => undefined), other.stop()]);
  });
});
