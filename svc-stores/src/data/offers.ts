import type { ProductState } from '../domain/product.ts';
import type { Offers } from '../domain/quote.ts';
import type { StoreState } from '../domain/store.ts';
import { marks, readId, writeId } from './columns.ts';
import type { Orm } from './orm.ts';
import { type PriceJson, readPrice } from './product-rows.ts';

const offersSql = (ids: readonly Buffer[]) => `SELECT v.variant_id, v.product_id, v.sku, v.option_values, v.prices,
  v.weight_grams, k.on_hand - k.reserved AS available, p.name AS product_name, p.state AS product_state, p.tax_class,
  s.store_id, s.name AS store_name, s.state AS store_state, s.currency_code,
  s.contact_email, s.contact_phone, s.country_code, s.legal_name, s.postal_address, s.tax_id
  FROM variants v
  JOIN stock k ON k.variant_id = v.variant_id
  JOIN products p ON p.product_id = v.product_id
  JOIN stores s ON s.store_id = v.store_id
  WHERE v.variant_id IN (${marks(ids)})`;

interface Row {
  readonly variant_id: Buffer;
  readonly product_id: Buffer;
  readonly sku: string;
  readonly option_values: string[];
  readonly prices: PriceJson[];
  readonly weight_grams: number;
  readonly available: number;
  readonly product_name: string;
  readonly product_state: ProductState;
  readonly tax_class: string;
  readonly store_id: Buffer;
  readonly store_name: string;
  readonly store_state: StoreState;
  readonly currency_code: string;
  readonly contact_email: string;
  readonly contact_phone: string;
  readonly country_code: string;
  readonly legal_name: string;
  readonly postal_address: string;
  readonly tax_id: string;
}

/** What is on offer, in MySQL: one round trip for a whole basket. */
export function createOffers({ em }: Orm): Offers {
  return {
    find: async (variantIds) => {
      const ids = variantIds.map((id) => writeId('var', id));
      return (await em.execute<Row[]>(offersSql(ids), ids)).map((row) => ({
        variantId: readId('var', row.variant_id),
        productId: readId('prod', row.product_id),
        productName: row.product_name,
        productState: row.product_state,
        optionValues: row.option_values,
        sku: row.sku,
        prices: row.prices.map(readPrice),
        weightGrams: row.weight_grams,
        taxClass: row.tax_class,
        storeId: readId('store', row.store_id),
        storeName: row.store_name,
        storeState: row.store_state,
        currencyCode: row.currency_code,
        storeContact: {
          ...{ email: row.contact_email, phone: row.contact_phone, countryCode: row.country_code },
          ...{ legalName: row.legal_name, postalAddress: row.postal_address, taxId: row.tax_id },
        },
        available: row.available,
      }));
    },
  };
}
