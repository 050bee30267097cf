import { createCatalogUpkeep } from '../../src/data/catalog-upkeep.ts';
import { createCategories } from '../../src/data/categories.repository.ts';
import { createImports } from '../../src/data/imports.repository.ts';
import type { Orm } from '../../src/data/orm.ts';
import { createProductQueries } from '../../src/data/product-queries.ts';
import { createProducts } from '../../src/data/products.repository.ts';
import { createSavepoint } from '../../src/data/savepoint.ts';
import { createStaff } from '../../src/data/staff.repository.ts';
import { createStockKeeping } from '../../src/data/stock.repository.ts';
import { createStores } from '../../src/data/stores.repository.ts';
import { createTransact } from '../../src/data/transact.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { importProducts } from '../../src/domain/import-products.ts';
import { createStore } from '../../src/domain/manage-store.ts';
import type { Store } from '../../src/domain/store.ts';
import type { DemoStore } from './demo-store.ts';
import { type DemoProduct, demoProducts } from './products.ts';
import { createRandom } from './random.ts';
import { DEMO_STORES } from './stores.ts';

const SEED = 20_261_124;
/** Nobody: the demo stores have an owner whom no account has. */
const OWNER_ID = 'usr_01h455vb4pex5vsknk084sn02q';

/** Makes the demo stores with their categories and products. Again it changes nothing but what was changed by hand. */
export async function seedStores(orm: Orm): Promise<{ stores: number; products: number }> {
  const deps = seedDeps(orm, { now: () => new Date() });
  let products = 0;
  for (const [at, demo] of DEMO_STORES.entries()) {
    const store = (await deps.stores.findBySlug(demo.slug)) ?? (await openStore(demo, deps));
    const rows = demoProducts(demo, createRandom(SEED + at));
    const done = await importProducts(OWNER_ID, toRows(store.storeId, rows), deps);
    if (!done || done.progress.failedCount > 0) throw new Error(`${demo.slug}: ${JSON.stringify(done?.failedRows)}`);
    products += done.progress.rowCount;
  }
  return { stores: DEMO_STORES.length, products };
}

type SeedDeps = ReturnType<typeof seedDeps>;

function seedDeps(orm: Orm, clock: Clock) {
  return {
    clock,
    transact: createTransact(orm),
    savepoint: createSavepoint(orm),
    stores: createStores(orm),
    staff: createStaff(orm),
    categories: createCategories(orm),
    products: createProducts(orm),
    productQueries: createProductQueries(orm),
    stockKeeping: createStockKeeping(orm),
    catalogUpkeep: createCatalogUpkeep(orm, clock),
    imports: createImports(orm),
  };
}

function openStore({ slug, name, description, currencyCode, countryCode, contactEmail }: DemoStore, deps: SeedDeps) {
  const none = { contactPhone: '', logoUrl: '', legalName: '', postalAddress: '', taxId: '' };
  const fields = { slug, name, description, currencyCode, countryCode, contactEmail, ...none };
  return createStore(OWNER_ID, fields, deps) as Promise<Store>;
}

async function* toRows(storeId: string, rows: readonly DemoProduct[]) {
  for (const { category, fields } of rows) {
    const row = { storeId, importId: '', publish: true, isRow: true, bytes: 0 };
    yield { ...row, sku: fields.variants[0]?.sku ?? '', product: fields, categoryPath: category };
  }
}
