import assert from 'node:assert/strict';
import { RequestContext } from '@mikro-orm/core';
import { demoProducts } from '../../scripts/demo/products.ts';
import { createRandom } from '../../scripts/demo/random.ts';
import { seedStores } from '../../scripts/demo/seed-stores.ts';
import { DEMO_STORES } from '../../scripts/demo/stores.ts';
import { openOrm } from '../../src/data/orm.ts';
import { findStockFaults } from '../../src/data/stock-check.ts';
import { createDatabase } from '../support/database.ts';

describe('seedStores', () => {
  it('makes three stores with about 300 products, and the same again without effect', async () => {
    const database = await createDatabase();
    const orm = openOrm(database.url);
    const seed = () => RequestContext.create(orm.em, () => seedStores(orm));
    const state = async () => {
      const em = orm.em.fork();
      const products = await em.execute('SELECT * FROM products ORDER BY product_id');
      return { products, stock: await em.execute('SELECT SUM(on_hand) AS units, COUNT(*) AS variants FROM stock') };
    };
    const counts = await seed();
    const first = await state();
    assert.deepEqual(counts, { stores: 3, products: first.products.length });
    assert.ok(counts.products >= 270 && counts.products <= 320, `${counts.products} products`);
    assert.deepEqual(await seed(), counts);
    assert.deepEqual(await state(), first);
    assert.deepEqual(await findStockFaults(orm), []);
    const [row] = await orm.em
      .fork()
      .execute<{ n: number }[]>('SELECT COUNT(*) AS n FROM catalog WHERE category_id IS NULL');
    assert.equal(row?.n, 0);
    await orm.close();
    await database.drop();
  });

  it('makes things that cost and weigh what such things do', () => {
    const products = DEMO_STORES.flatMap((store, at) => demoProducts(store, createRandom(at)));
    const most = { mug: [6_500, 150], ボールペン: [4_800, 30], tent: [81_500, 2_400], headlamp: [9_900, 110] } as const;
    for (const [name, [price, grams]] of Object.entries(most)) {
      const found = products.filter(({ fields }) => new RegExp(`${name}$`, 'i').test(fields.name));
      assert.ok(found.length > 0, name);
      for (const { fields } of found) {
        for (const { prices, weightGrams } of fields.variants) {
          const amounts = prices.flatMap(({ amountMinor, compareAtMinor = 0n }) => [amountMinor, compareAtMinor]);
          assert.ok(
            amounts.every((amount) => amount <= price) && weightGrams <= grams,
            `${fields.name} ${amounts} ${weightGrams}`,
          );
        }
      }
    }
    const light = products
      .filter(({ fields }) => fields.name.endsWith('tent'))
      .flatMap(({ fields }) => fields.variants);
    assert.ok(light.every(({ weightGrams }) => weightGrams > 1_000));
  });
});
