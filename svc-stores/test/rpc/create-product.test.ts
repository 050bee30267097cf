import assert from 'node:assert/strict';
import { ProductState } from '@malla/proto/malla/stores/v1/product';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newProduct, newVariant, openShop, type Shop } from '../support/shop.ts';

describe('ProductsService/CreateProduct', () => {
  let service: TestService;
  let shop: Shop;
  before(async () => {
    service = await startTestService();
    shop = await openShop(service);
  });
  after(() => service.stop());

  const create = (product: ReturnType<typeof newProduct>, who = shop.owner) =>
    service.edge.products.createProduct({ storeId: shop.storeId, product }, who);

  it('creates a draft that only the staff sees', async () => {
    const asked = newProduct({
      name: 'T-shirt',
      description: 'Soft.\nWarm.',
      tags: ['Cotton', 'summer '],
      attributes: [{ name: 'material', value: 'cotton' }],
      options: ['Size', 'Colour'],
      variants: [
        newVariant({ optionValues: ['M', 'Blue'], initialStock: 3 }),
        newVariant({ optionValues: ['L', 'Blue'] }),
      ],
      images: [{ url: 'https://example.com/a.jpg', altText: 'A shirt' }],
    });
    const { product } = await create(asked);
    assert.match(product?.productId ?? '', /^prod_[0-9a-z]{26}$/);
    assert.equal(product?.state, ProductState.DRAFT);
    assert.deepEqual(product?.tags, ['cotton', 'summer']);
    assert.equal(product?.taxClass, 'standard');
    assert.deepEqual(
      product?.variants.map(({ sku, inStock, initialStock }) => ({ sku, inStock, initialStock })),
      asked.variants.map(({ sku }, at) => ({ sku, inStock: at === 0, initialStock: 0 })),
    );
    assert.deepEqual(product?.variants[0]?.prices[0]?.amount, { currencyCode: 'EUR', amountMinor: 1_000n });
    const productId = product?.productId ?? '';
    await rejectsWith(service.edge.catalog.getProduct({ productId }), 'NOT_FOUND', 'PRODUCT_NOT_FOUND');
    const stranger = as(await service.users.token());
    await rejectsWith(
      service.edge.products.getManagedProduct({ productId }, stranger),
      'NOT_FOUND',
      'PRODUCT_NOT_FOUND',
    );
    const managed = await service.edge.products.getManagedProduct({ productId }, shop.owner);
    assert.deepEqual(managed.product, product);
  });

  it('answers ALREADY_EXISTS when a SKU is taken in the store, and not when it is in another', async () => {
    const variants = [newVariant()];
    await create(newProduct({ variants }));
    await rejectsWith(create(newProduct({ variants })), 'ALREADY_EXISTS', 'SKU_TAKEN');
    const other = await openShop(service);
    await service.edge.products.createProduct(
      { storeId: other.storeId, product: newProduct({ variants }) },
      other.owner,
    );
  });

  it('leaves nothing behind when it is refused', async () => {
    const taken = newVariant();
    await create(newProduct({ variants: [taken] }));
    const fresh = newVariant({ initialStock: 5 });
    const options = ['Size'];
    const variants = [
      { ...fresh, optionValues: ['M'] },
      { ...taken, optionValues: ['L'] },
    ];
    await rejectsWith(create(newProduct({ options, variants })), 'ALREADY_EXISTS', 'SKU_TAKEN');
    assert.deepEqual(await service.sql('SELECT 1 FROM variants WHERE sku = ?', [fresh.sku]), []);
  });

  it('answers PERMISSION_DENIED to strangers and NOT_FOUND for a store that is not there', async () => {
    const stranger = as(await service.users.token());
    await rejectsWith(create(newProduct(), stranger), 'PERMISSION_DENIED', 'ROLE_MISSING');
    const storeId = 'store_01h2xcejqtf2nbrexx3vqjhp41';
    const nowhere = service.edge.products.createProduct({ storeId, product: newProduct() }, shop.owner);
    await rejectsWith(nowhere, 'NOT_FOUND', 'STORE_NOT_FOUND');
  });

  it('answers NOT_FOUND for a category of another store', async () => {
    const other = await openShop(service);
    const category = { categoryId: '', parentId: '', name: 'A', position: 0, depth: 0 };
    const made = await service.edge.categories.createCategory({ storeId: other.storeId, category }, other.owner);
    const categoryId = made.category?.categoryId ?? '';
    await rejectsWith(create(newProduct({ categoryId })), 'NOT_FOUND', 'CATEGORY_NOT_FOUND');
  });

  it('names every field that breaks a rule of the contract', async () => {
    const bad = newProduct({ name: '\u0007', tags: ['a', 'a'], taxClass: 'No!' });
    const said = await rejectsWith(create(bad), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    assert.deepEqual(said.fields.map(({ field }) => field).sort(), [
      'product.name',
      'product.tags',
      'product.tax_class',
    ]);
  });

  it('answers INVALID_ARGUMENT for a price until a time that no calendar has', async () => {
    const amount = { currencyCode: 'EUR', amountMinor: 1n };
    const endTime = new Date('9999-12-31T23:59:59.999Z');
    const prices = [{ amount, compareAt: undefined, startTime: undefined, endTime }];
    const variants = [newVariant({ prices })];
    await rejectsWith(create(newProduct({ variants })), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
  });

  it('publishes nothing for free by mistake: an amount is said, and zero on purpose', async () => {
    const priced = (amountMinor: bigint | undefined, compareAtMinor?: bigint | null) => ({
      amount: { currencyCode: 'EUR', amountMinor },
      compareAt:
        compareAtMinor === undefined ? undefined : { currencyCode: 'EUR', amountMinor: compareAtMinor ?? undefined },
      startTime: undefined,
      endTime: undefined,
    });
    const cases = [
      [priced(undefined), 'amount'],
      [priced(5n, null), 'compare_at'],
    ] as const;
    for (const [price, field] of cases) {
      const product = newProduct({ variants: [newVariant({ prices: [price] })] });
      const { fields } = await rejectsWith(create(product), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
      assert.deepEqual(
        fields.map((one) => one.field),
        [`product.variants[0].prices[0].${field}.amount_minor`],
      );
    }
    const { product } = await create(newProduct({ variants: [newVariant({ prices: [priced(0n)] })] }));
    assert.equal(product?.variants[0]?.prices[0]?.amount?.amountMinor, 0n);
  });

  it('names every field that breaks a rule of the domain', async () => {
    const price = (amountMinor: bigint, compareAtMinor?: bigint) => ({
      amount: { currencyCode: 'EUR', amountMinor },
      compareAt: compareAtMinor === undefined ? undefined : { currencyCode: 'EUR', amountMinor: compareAtMinor },
      startTime: new Date('2026-02-01'),
      endTime: new Date('2026-01-01'),
    });
    const variants = [
      newVariant({ sku: 'same', prices: [price(-1n)] }),
      newVariant({ sku: 'same', prices: [price(10n, 10n)] }),
    ];
    const attributes = [
      { name: 'a', value: 'b' },
      { name: 'a', value: 'c' },
    ];
    const said = await rejectsWith(create(newProduct({ attributes, variants })), 'INVALID_ARGUMENT', 'PRODUCT_INVALID');
    assert.deepEqual([...new Set(said.fields.map(({ field }) => field))].sort(), [
      'product.attributes[1].name',
      'product.variants[0].prices[0]',
      'product.variants[1].option_values',
      'product.variants[1].prices[0]',
      'product.variants[1].sku',
    ]);
    await rejectsWith(create(newProduct({ variants: [] })), 'INVALID_ARGUMENT', 'PRODUCT_INVALID');
  });
});
