import assert from 'node:assert/strict';
import { LineProblem } from '@malla/proto/malla/stores/v1/quote';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newProduct, newVariant, openShop, publish, type Shop } from '../support/shop.ts';

describe('ReservationsService/QuoteBasket', () => {
  let service: TestService;
  let shop: Shop;
  before(async () => {
    service = await startTestService();
    shop = await openShop(service, {
      name: 'My shop',
      contactEmail: 'hello@shop.example',
      contactPhone: '+34911234567',
      legalName: 'Shirts S.L.',
      postalAddress: 'Calle Mayor 1\n28013 Madrid',
      taxId: 'ESB12345678',
    });
  });
  after(() => service.stop());

  const quote = (lines: { variantId: string; quantity: number }[], currencyCode = '') =>
    service.transactions.reservations.quoteBasket({ lines, currencyCode });
  const euros = (amountMinor: bigint) => ({ currencyCode: 'EUR', amountMinor });

  it('tells price, tax class, names and availability of every line', async () => {
    const prices = [{ amount: euros(1_500n), compareAt: euros(2_000n), startTime: undefined, endTime: undefined }];
    const variant = newVariant({ optionValues: ['M'], prices, initialStock: 5, weightGrams: 200 });
    const product = newProduct({ name: 'Shirt', options: ['Size'], variants: [variant], taxClass: 'reduced' });
    const made = await publish(service, shop, product);
    const variantId = made.variants[0]?.variantId ?? '';
    const { lines, servable } = await quote([{ variantId, quantity: 2 }]);
    assert.equal(servable, true);
    assert.deepEqual(lines, [
      {
        variantId,
        quantity: 2,
        problem: LineProblem.UNSPECIFIED,
        availableQuantity: 2,
        unitPrice: euros(1_500n),
        compareAt: euros(2_000n),
        productId: made.productId,
        productName: 'Shirt',
        optionValues: ['M'],
        sku: variant.sku,
        taxClass: 'reduced',
        storeId: shop.storeId,
        storeName: 'My shop',
        storeContactEmail: 'hello@shop.example',
        storeContactPhone: '+34911234567',
        storeCountryCode: 'ES',
        storeLegalName: 'Shirts S.L.',
        storePostalAddress: 'Calle Mayor 1\n28013 Madrid',
        storeTaxId: 'ESB12345678',
        weightGrams: 200,
      },
    ]);
  });

  it('sells nothing for money that has ended, which can be read and kept', async () => {
    const { productId, variants } = await publish(service, shop, newProduct());
    await service.sql("UPDATE variants SET prices = REPLACE(prices, 'EUR', 'HRK') WHERE sku = ?", [variants[0]?.sku]);
    const { product } = await service.edge.products.getManagedProduct({ productId }, shop.owner);
    assert.equal(product?.variants[0]?.prices[0]?.amount?.currencyCode, 'HRK');
    const renamed = { product: { ...product, name: 'Old hat' }, updateMask: [] };
    assert.equal((await service.edge.products.updateProduct(renamed, shop.owner)).product?.name, 'Old hat');
    const { lines } = await quote([{ variantId: variants[0]?.variantId ?? '', quantity: 1 }], 'HRK');
    assert.equal(lines[0]?.problem, LineProblem.NO_PRICE);
    const amount = { currencyCode: 'HRK', amountMinor: 1n };
    const prices = [{ amount, compareAt: undefined, startTime: undefined, endTime: undefined }];
    const fresh = publish(service, shop, newProduct({ variants: [newVariant({ prices })] }));
    await rejectsWith(fresh, 'INVALID_ARGUMENT', 'PRODUCT_INVALID');
  });

  it('tells why lines cannot be served', async () => {
    const other = await openShop(service);
    const sell = async (by: Shop, stock: number) => {
      const made = await publish(service, by, newProduct({ variants: [newVariant({ initialStock: stock })] }));
      return { productId: made.productId, variantId: made.variants[0]?.variantId ?? '', quantity: 3 };
    };
    const [short, archived, closed] = [await sell(shop, 2), await sell(shop, 9), await sell(other, 9)];
    await service.edge.products.archiveProduct({ productId: archived.productId }, shop.owner);
    await service.edge.stores.closeStore({ storeId: other.storeId }, other.owner);
    const unknown = { variantId: 'var_01h2xcejqtf2nbrexx3vqjhp41', quantity: 1 };
    const { lines, servable } = await quote([short, archived, closed, unknown]);
    assert.equal(servable, false);
    assert.deepEqual(
      lines.map(({ problem, availableQuantity }) => [problem, availableQuantity]),
      [
        [LineProblem.OUT_OF_STOCK, 2],
        [LineProblem.NOT_PUBLISHED, 3],
        [LineProblem.STORE_CLOSED, 3],
        [LineProblem.NOT_FOUND, 0],
      ],
    );
    const dollars = await quote([short], 'USD');
    assert.equal(dollars.lines[0]?.problem, LineProblem.NO_PRICE);
    assert.equal(dollars.lines[0]?.unitPrice, undefined);
  });

  it('counts lines of one variant together', async () => {
    const made = await publish(service, shop, newProduct({ variants: [newVariant({ initialStock: 3 })] }));
    const line = { variantId: made.variants[0]?.variantId ?? '', quantity: 2 };
    const { lines } = await quote([line, line]);
    assert.deepEqual(
      lines.map(({ problem }) => problem),
      [LineProblem.OUT_OF_STOCK, LineProblem.OUT_OF_STOCK],
    );
  });

  it('follows prices as they come into force and end', async () => {
    const now = service.clock.now().getTime();
    const at = (minutes: number) => new Date(now + minutes * 60_000);
    const prices = [
      { amount: euros(1_000n), compareAt: undefined, startTime: undefined, endTime: undefined },
      { amount: euros(700n), compareAt: euros(1_000n), startTime: at(10), endTime: at(20) },
    ];
    const made = await publish(service, shop, newProduct({ variants: [newVariant({ prices, initialStock: 1 })] }));
    const line = { variantId: made.variants[0]?.variantId ?? '', quantity: 1 };
    const price = async () => (await quote([line])).lines[0]?.unitPrice?.amountMinor;
    assert.equal(await price(), 1_000n);
    service.clock.advance(11 * 60_000);
    assert.equal(await price(), 700n);
    service.clock.advance(10 * 60_000);
    assert.equal(await price(), 1_000n);
  });
});
