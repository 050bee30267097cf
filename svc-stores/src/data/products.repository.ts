import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { Product, Variant } from '../domain/product.ts';
import type { Products } from '../domain/product-port.ts';
import { marks, readId, writeId } from './columns.ts';
import { insertMany, type SqlValue } from './insert-many.ts';
import type { Orm } from './orm.ts';
import { type ProductRow, toProducts, VARIANTS_OF, type VariantRow, writePrice } from './product-rows.ts';

const INSERT_PRODUCTS = `INSERT INTO products (product_id, store_id, state, name, description, category_id, tags, attributes,
  options, images, tax_class, create_time, update_time, version)`;
const UPDATE_PRODUCT = `UPDATE products SET state = ?, name = ?, description = ?, category_id = ?, tags = ?, attributes = ?,
  options = ?, images = ?, tax_class = ?, update_time = ?, version = ? WHERE product_id = ?`;
const INSERT_VARIANTS = `INSERT INTO variants (variant_id, product_id, store_id, sku, option_values, prices, weight_grams,
  position)`;
const UPDATE_VARIANT = `UPDATE variants SET sku = ?, option_values = ?, prices = ?, weight_grams = ?, position = ?
  WHERE variant_id = ?`;
/** No SKU that a client may send starts with a space. */
const PARK_SKUS = "UPDATE variants SET sku = CONCAT(' ', HEX(variant_id)) WHERE variant_id IN";

/** Products with their variants, in MySQL. */
export function createProducts({ em }: Orm): Products {
  return {
    lock: async (productId) => {
      const id = writeId('prod', productId);
      const rows = await em.execute<ProductRow[]>('SELECT * FROM products WHERE product_id = ? FOR UPDATE', [id]);
      if (rows.length === 0) return undefined;
      const sql = `${VARIANTS_OF} WHERE v.product_id = ? ORDER BY v.position`;
      const [product] = toProducts(rows, await em.execute<VariantRow[]>(sql, [id]));
      return product;
    },
    add: (products) =>
      unlessSkuTaken(async () => {
        await insertMany(em, INSERT_PRODUCTS, products.map(productValues));
        await insertMany(
          em,
          INSERT_VARIANTS,
          products.flatMap((product) =>
            product.variants.map((variant, position) => variantValues(product, { variant, position })),
          ),
        );
      }),
    save: async (product) => {
      const [id, , state, name, description, category, tags, attributes, options, images, taxClass] = productValues(
        product,
      ) as SqlValue[];
      const fields = [state, name, description, category, tags, attributes, options, images, taxClass];
      await em.execute(UPDATE_PRODUCT, [...fields, product.updateTime, product.version, id]);
    },
    saveVariants: (product, { added, renamed }) =>
      unlessSkuTaken(async () => {
        // The rows are written one by one: none may find its SKU at another that is about to give it up.
        const parked = renamed.map(({ variantId }) => writeId('var', variantId));
        if (parked.length > 0) await em.execute(`${PARK_SKUS} (${marks(parked)})`, parked);
        const isAdded = new Set(added.map(({ variantId }) => variantId));
        const places = product.variants.map((variant, position) => ({ variant, position }));
        const of = (fresh: boolean) => places.filter(({ variant }) => isAdded.has(variant.variantId) === fresh);
        for (const { variant, position } of of(false))
          await em.execute(UPDATE_VARIANT, changedValues(variant, position));
        await insertMany(
          em,
          INSERT_VARIANTS,
          of(true).map((place) => variantValues(product, place)),
        );
      }),
    removeVariants: async (variants) => {
      if (variants.length === 0) return;
      const ids = variants.map(({ variantId }) => writeId('var', variantId));
      await em.execute(`DELETE FROM variants WHERE variant_id IN (${marks(ids)})`, ids);
    },
    remove: async (productId) => {
      await em.execute('DELETE FROM products WHERE product_id = ?', [writeId('prod', productId)]);
    },
    findBySku: async (storeId, skus) => {
      if (skus.length === 0) return new Map();
      const sql = `SELECT sku, product_id FROM variants WHERE store_id = ? AND sku IN (${marks(skus)})`;
      const rows = await em.execute<{ sku: string; product_id: Buffer }[]>(sql, [writeId('store', storeId), ...skus]);
      return new Map(rows.map((row) => [row.sku, readId('prod', row.product_id)]));
    },
  };
}

function productValues(product: Product): SqlValue[] {
  return [
    writeId('prod', product.productId),
    writeId('store', product.storeId),
    product.state,
    product.name,
    product.description,
    product.categoryId === '' ? null : writeId('cat', product.categoryId),
    JSON.stringify(product.tags),
    JSON.stringify(product.attributes),
    JSON.stringify(product.options),
    JSON.stringify(product.images),
    product.taxClass,
    product.createTime,
    product.updateTime,
    product.version,
  ];
}

function variantValues(product: Product, { variant, position }: { variant: Variant; position: number }): SqlValue[] {
  const [sku, optionValues, prices, weightGrams] = changedValues(variant, position);
  const ids = [
    writeId('var', variant.variantId),
    writeId('prod', product.productId),
    writeId('store', product.storeId),
  ];
  return [...ids, sku, optionValues, prices, weightGrams, position] as SqlValue[];
}

function changedValues({ variantId, sku, optionValues, prices, weightGrams }: Variant, position: number): SqlValue[] {
  const lists = [JSON.stringify(optionValues), JSON.stringify(prices.map(writePrice))];
  return [sku, ...lists, weightGrams, position, writeId('var', variantId)];
}

async function unlessSkuTaken(write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) return false;
    throw error;
  }
}
