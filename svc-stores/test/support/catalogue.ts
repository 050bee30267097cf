import { uploadRows } from '../../scripts/upload.ts';
import type { Readable } from './reads.ts';
import type { TestService } from './service.ts';
import { importRow, newProduct, newReservationId, newVariant, openShop } from './shop.ts';

const PRODUCTS = 3_000;
const OTHER_STORES = 30;

/** Fills the database of a service, so that its plans are those of many products. @returns what there is to read. */
export async function fillCatalogue(service: TestService): Promise<Readable> {
  const shop = await openShop(service);
  const rows = Array.from({ length: PRODUCTS }, (_, at) => {
    const attributes = [{ name: 'size', value: `${at % 5}` }];
    const variants = [newVariant({ initialStock: at % 3 }, BigInt(100 + (at % 500)))];
    const name = at % 1_000 === 0 ? 'rarity' : `thing ${at % 97}`;
    const product = newProduct({ name, tags: [`tag${at % 7}`, 'all'], attributes, variants });
    return importRow(shop, at % 100 === 7 ? newProduct({ variants: [] }) : product, at % 10 > 0);
  });
  const { import: done } = await uploadRows(service.edge.channel, rows, shop.owner);
  for (let at = 0; at < OTHER_STORES; at += 1) await openShop(service);
  await service.settled();
  const { products } = await service.edge.catalog.listProducts({ storeId: shop.storeId, pageSize: 1, pageToken: '' });
  const [productId, variantId] = [products[0]?.productId ?? '', products[0]?.variants[0]?.variantId ?? ''];
  const reservationId = newReservationId();
  const lines = [{ variantId, quantity: 1 }];
  await service.transactions.reservations.reserveStock({ reservationId, ownerId: 'o', lines, lifetime: undefined });
  return { service, shop, productId, variantId, reservationId, importId: done?.importId ?? '' };
}
