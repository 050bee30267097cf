import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { uploadRows } from '../../scripts/upload.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts';
import { READS, type Readable, readingRpcs } from '../support/reads.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { importRow, newProduct, newReservationId, newVariant, openShop } from '../support/shop.ts';

const ROWS = 8;
const QUIET_AFTER_MS = 500;

describe('round trips to the database', () => {
  let proxy: DatabaseProxy;
  let service: TestService;
  let from: Readable;
  before(async () => {
    service = await startTestService({
      behind: async (url) => {
        proxy = await startDatabaseProxy(url);
        return proxy.url;
      },
      workers: false,
    });
    const shop = await openShop(service);
    const attributes = [{ name: 'size', value: '1' }];
    const rows = Array.from({ length: ROWS }, (_, at) => {
      const variants = [newVariant({ initialStock: 1 }, 500n)];
      const product = newProduct({ tags: ['all', 'tag1'], attributes, variants });
      return importRow(shop, at === 0 ? newProduct({ variants: [] }) : product, at > 3);
    });
    const { import: done } = await uploadRows(service.edge.channel, rows, shop.owner);
    const list = { storeId: shop.storeId, pageSize: 1, pageToken: '' };
    const [product] = (await service.edge.catalog.listProducts(list)).products;
    const variantId = product?.variants[0]?.variantId ?? '';
    const reservationId = newReservationId();
    const lines = [{ variantId, quantity: 1 }];
    await service.transactions.reservations.reserveStock({ reservationId, ownerId: 'o', lines, lifetime: undefined });
    const productId = product?.productId ?? '';
    from = { service, shop, productId, variantId, importId: done?.importId ?? '', reservationId };
    await service.sql(
      `INSERT INTO catalog_changes (position, product_id, store_id, kind, change_time)
        SELECT pending_id, product_id, store_id, kind, change_time FROM catalog_pending_changes`,
    );
    // As the worker does with it: who watches is led by the head.
    await service.sql('UPDATE catalog_head SET position = (SELECT MAX(position) FROM catalog_changes)');
  });
  after(async () => {
    await service.stop();
    await proxy.close();
  });

  for (const [name, { method }] of readingRpcs()) {
    /** Who reads the log for all who watch it looks once more after the last of them has left. */
    const untilQuiet = async () => method.methodKind !== 'unary' && sleep(QUIET_AFTER_MS);
    it(`counts those of ${name}`, async () => {
      const reads = READS[name] ?? [];
      assert.ok(reads.length > 0, `${name} only reads, and nothing says in test/support/reads.ts how to`);
      for (const { name: how, trips, read } of reads) {
        await read(from);
        await untilQuiet();
        proxy.commands();
        await read(from);
        const commands = proxy.commands();
        await untilQuiet();
        assert.ok(commands.length > 0 && commands.length <= trips, `${how}: ${commands.join('; ')}`);
      }
    });
  }
});
