import assert from 'node:assert/strict';
import { RequestContext } from '@mikro-orm/core';
import { seedStores } from '../../scripts/demo/seed-stores.ts';
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
      const products = await em.execute('SELECT product_id, name, tags FROM products ORDER BY product_id');
      return { products, stock: await em.execute('SELECT SUM(on_hand) AS units, COUNT(*) AS variants FROM stock') };
    };
    const counts = await seed();
    const first = await state();
    assert.deepEqual(counts, { stores: 3, products: first.products.length });
    assert.ok(counts.products >= 270 && counts.products <= 320, `${counts.products} products`);
    assert.deepEqual(await seed(), counts);
    assert.deepEqual(await state(), first);
    assert.deepEqual(await findStockFaults(orm), []);
    await orm.close();
    await database.drop();
  });
});
