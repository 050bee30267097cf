import assert from 'node:assert/strict';
import { Product as ProductMessage } from '@malla/proto/malla/stores/v1/product';
import { AdjustStockRequest, StockReason } from '@malla/proto/malla/stores/v1/stock_service';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newProduct, newReservationId, newVariant, openShop, publish, type Shop, stockOf } from '../support/shop.ts';

describe('ProductsService/UpdateProduct and DeleteProduct', () => {
  let service: TestService;
  let shop: Shop;
  let product: ProductMessage;
  before(async () => {
    service = await startTestService();
    shop = await openShop(service);
  });
  beforeEach(async () => {
    const variants = [
      newVariant({ optionValues: ['S'], initialStock: 5 }),
      newVariant({ optionValues: ['M'], initialStock: 5 }),
    ];
    product = await publish(service, shop, newProduct({ name: 'Shirt', tags: ['a'], options: ['Size'], variants }));
  });
  after(() => service.stop());

  const update = async (changes: Partial<ProductMessage>, updateMask: string[], who = shop.owner) => {
    const request = { product: ProductMessage.create({ productId: product.productId, ...changes }), updateMask };
    return (await service.edge.products.updateProduct(request, who)).product as ProductMessage;
  };
  const sell = async (variantId: string) => {
    const reservationId = newReservationId();
    const lines = [{ variantId, quantity: 1 }];
    await service.transactions.reservations.reserveStock({ reservationId, ownerId: 'o', lines, lifetime: undefined });
    await service.transactions.reservations.commitReservation({ reservationId });
    return reservationId;
  };
  const variantAt = (at: number) => product.variants[at] as ProductMessage['variants'][number];

  it('changes what the mask names and nothing else', async () => {
    const changed = await update({ name: 'Blouse', tags: [], description: 'ignored' }, [
      'name',
      'tags',
      'etag',
      'state',
    ]);
    assert.deepEqual(
      { ...changed, etag: '', updateTime: undefined },
      { ...product, name: 'Blouse', tags: [], etag: '', updateTime: undefined },
    );
    assert.notEqual(changed.etag, product.etag);
    const { product: shown } = await service.edge.catalog.getProduct({ productId: product.productId });
    assert.deepEqual(shown, changed);
  });

  it('changes every field with a value when there is no mask', async () => {
    const changed = await update({ description: 'New' }, []);
    assert.deepEqual([changed.description, changed.name, changed.tags], ['New', 'Shirt', ['a']]);
  });

  it('refuses a path that is no field, and a name that is empty', async () => {
    const said = await rejectsWith(update({}, ['nmae']), 'INVALID_ARGUMENT', 'UPDATE_MASK_INVALID');
    assert.equal(said.fields[0]?.field, 'update_mask');
    await rejectsWith(update({}, ['name']), 'INVALID_ARGUMENT', 'PRODUCT_INVALID');
  });

  it('answers ABORTED when the etag is not that of the product, and lets one of ten with the same etag win', async () => {
    const changes = Array.from({ length: 10 }, (_, at) => update({ name: `n${at}`, etag: product.etag }, ['name']));
    const outcomes = await Promise.allSettled(changes);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    await rejectsWith(update({ name: 'x', etag: product.etag }, ['name']), 'ABORTED', 'ETAG_MISMATCH');
  });

  it('has another etag when stock comes or goes, and takes any etag of its version for an update', async () => {
    const { productId } = product;
    const shown = async () => (await service.edge.catalog.getProduct({ productId })).product as ProductMessage;
    const [before, variant] = [await shown(), variantAt(0)];
    const adjust = async (onHandChange: number) => {
      const change = { variantId: variant.variantId, onHandChange, reason: StockReason.COUNTED };
      await service.edge.stock.adjustStock(AdjustStockRequest.create(change), shop.owner);
    };
    const wasInStock = before.variants[0]?.inStock;
    const { stock } = await service.edge.stock.batchGetStock({ variantIds: [variant.variantId] }, shop.owner);
    await adjust(wasInStock ? -(stock[0]?.available ?? 0) : 1);
    const turned = await shown();
    assert.notEqual(turned.variants[0]?.inStock, wasInStock);
    assert.notEqual(turned.etag, before.etag);
    await adjust(wasInStock ? 1 : -1);
    assert.equal((await shown()).etag, before.etag);
    await update({ name: 'With the etag of another stock', etag: turned.etag }, ['name']);
    for (const etag of [before.etag, turned.etag, 'x', 'v', 'v2.', 'v2.x', `${(await shown()).etag}.1`]) {
      await rejectsWith(update({ name: 'No', etag }, ['name']), 'ABORTED', 'ETAG_MISMATCH');
    }
    await update({ name: 'With the version alone', etag: (await shown()).etag.split('.')[0] ?? '' }, ['name']);
  });

  it('adds, changes, reorders and removes variants, and leaves their stock alone', async () => {
    const [small, medium] = [variantAt(0), variantAt(1)];
    const large = newVariant({ optionValues: ['L'], initialStock: 7 });
    const variants = [large, { ...medium, optionValues: ['Medium'], initialStock: 99 }];
    const changed = await update({ variants }, ['variants']);
    assert.deepEqual(
      changed.variants.map(({ sku, optionValues }) => [sku, optionValues]),
      [
        [large.sku, ['L']],
        [medium.sku, ['Medium']],
      ],
    );
    const ids = changed.variants.map(({ variantId }) => variantId);
    assert.equal(ids[1], medium.variantId);
    assert.deepEqual(await stockOf(service, shop, ids), [
      [7, 0, 7, 0],
      [5, 0, 5, 0],
    ]);
    await rejectsWith(stockOf(service, shop, [small.variantId]), 'NOT_FOUND', 'VARIANT_NOT_FOUND');
  });

  it('takes a variant without an id for the one with its SKU', async () => {
    const variants = product.variants.map((variant) => ({ ...variant, variantId: '', weightGrams: 5 }));
    const changed = await update({ variants }, ['variants']);
    assert.deepEqual(
      changed.variants.map(({ variantId, weightGrams }) => [variantId, weightGrams]),
      product.variants.map(({ variantId }) => [variantId, 5]),
    );
  });

  it('lets variants swap their SKUs and pass them on, and takes none of another product', async () => {
    const [small, medium] = [variantAt(0), variantAt(1)];
    const swapped = await update(
      {
        variants: [
          { ...small, sku: medium.sku },
          { ...medium, sku: small.sku },
        ],
      },
      ['variants'],
    );
    const skusOf = ({ variants }: ProductMessage) => variants.map(({ variantId, sku }) => [variantId, sku]);
    assert.deepEqual(skusOf(swapped), [
      [small.variantId, medium.sku],
      [medium.variantId, small.sku],
    ]);
    const [first, second] = [`A-${small.sku}`, `B-${small.sku}`];
    await update(
      {
        variants: [
          { ...small, sku: first },
          { ...medium, sku: second },
        ],
      },
      ['variants'],
    );
    const passed = [
      { ...small, sku: second },
      { ...medium, sku: `C-${small.sku}` },
    ];
    const large = newVariant({ sku: first, optionValues: ['L'] });
    assert.deepEqual(
      (await update({ variants: [...passed, large] }, ['variants'])).variants.map(({ sku }) => sku),
      [second, `C-${small.sku}`, first],
    );
    const other = await publish(service, shop, newProduct());
    const stolen = { ...small, sku: other.variants[0]?.sku ?? '' };
    await rejectsWith(update({ variants: [stolen] }, ['variants']), 'ALREADY_EXISTS', 'SKU_TAKEN');
  });

  it('changes nothing, nor its version, when nothing would be different', async () => {
    assert.deepEqual(await update({}, []), product);
    const same = await update({ ...product, variants: product.variants.map((one) => ({ ...one, initialStock: 9 })) }, [
      '*',
    ]);
    assert.deepEqual(same, product);
    assert.notEqual((await update({ variants: product.variants.toReversed() }, ['variants'])).etag, product.etag);
  });

  it('refuses a tag that is longer in lower case than a tag may be, and leaves alone one that is kept so', async () => {
    const long = 'İ'.repeat(50);
    const said = await rejectsWith(update({ tags: ['a', long] }, ['tags']), 'INVALID_ARGUMENT', 'PRODUCT_INVALID');
    assert.deepEqual(
      said.fields.map(({ field }) => field),
      ['product.tags[1]'],
    );
    await service.sql('UPDATE products SET tags = ? WHERE name = "Shirt"', [JSON.stringify([long.toLowerCase()])]);
    assert.equal((await update({ name: 'Blouse' }, ['name'])).name, 'Blouse');
  });

  it('removes no variant that was sold or is reserved, and deletes no such product', async () => {
    await sell(variantAt(1).variantId);
    const without = update({ variants: [variantAt(0)] }, ['variants']);
    const left = await rejectsWith(without, 'FAILED_PRECONDITION', 'VARIANT_SOLD');
    const { productId } = product;
    const remove = service.edge.products.deleteProduct({ productId }, shop.owner);
    const kept = await rejectsWith(remove, 'FAILED_PRECONDITION', 'VARIANT_SOLD');
    assert.deepEqual(
      [...left.fields, ...kept.fields].map(({ field, description }) => [
        field,
        description.includes(variantAt(1).sku),
        description.includes(variantAt(0).sku),
      ]),
      [
        ['product.variants', true, false],
        ['product_id', true, false],
      ],
    );
    assert.equal((await service.edge.catalog.getProduct({ productId })).product?.variants.length, 2);
  });

  it('deletes nothing that was sold once, also when all of it came back', async () => {
    const reservationId = await sell(variantAt(1).variantId);
    await service.transactions.reservations.returnStock({ returnId: reservationId, reservationId, lines: [] });
    const without = update({ variants: [variantAt(0)] }, ['variants']);
    await rejectsWith(without, 'FAILED_PRECONDITION', 'VARIANT_SOLD');
    const { productId } = product;
    const deleted = service.edge.products.deleteProduct({ productId }, shop.owner);
    await rejectsWith(deleted, 'FAILED_PRECONDITION', 'VARIANT_SOLD');
  });

  it('refuses a variant of another product', async () => {
    const other = await publish(service, shop, newProduct());
    const foreign = { ...(other.variants[0] as (typeof other.variants)[number]), optionValues: ['X'] };
    const said = await rejectsWith(
      update({ variants: [foreign] }, ['variants']),
      'INVALID_ARGUMENT',
      'PRODUCT_INVALID',
    );
    assert.equal(said.fields[0]?.field, 'product.variants[0].variant_id');
  });

  it('deletes a product that was never sold, with all that belongs to it', async () => {
    const { productId } = product;
    await service.edge.products.deleteProduct({ productId }, shop.owner);
    await rejectsWith(service.edge.catalog.getProduct({ productId }), 'NOT_FOUND', 'PRODUCT_NOT_FOUND');
    await rejectsWith(service.edge.products.deleteProduct({ productId }, shop.owner), 'NOT_FOUND', 'PRODUCT_NOT_FOUND');
    await publish(service, shop, newProduct({ options: ['Size'], variants: [{ ...variantAt(0), variantId: '' }] }));
  });

  it('is for managers: for strangers there is no product', async () => {
    const stranger = as(await service.users.token());
    await rejectsWith(update({ name: 'x' }, ['name'], stranger), 'NOT_FOUND', 'PRODUCT_NOT_FOUND');
    const { productId } = product;
    await rejectsWith(service.edge.products.deleteProduct({ productId }, stranger), 'NOT_FOUND', 'PRODUCT_NOT_FOUND');
    await rejectsWith(service.edge.products.archiveProduct({ productId }, stranger), 'NOT_FOUND', 'PRODUCT_NOT_FOUND');
  });
});
