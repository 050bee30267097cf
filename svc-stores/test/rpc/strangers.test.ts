import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { answerWithoutIds, reachableRpcs } from '@malla/chassis/testing/existence';
import { mallaContract, type RpcContract } from '@malla/proto/contract';
import { LineProblem } from '@malla/proto/malla/stores/v1/quote';
import { typeid } from 'typeid-js';
import { uploadRows } from '../../scripts/upload.ts';
import { as } from '../support/clients.ts';
import { HIDDEN, type HiddenIds } from '../support/hidden.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { importRow, newProduct, newVariant, openShop } from '../support/shop.ts';

const QUOTE = 'ReservationsService/QuoteBasket';

describe('what strangers hear of what is not theirs', () => {
  const contract = mallaContract();
  const rpcs = reachableRpcs(contract, 'malla.stores.v1');
  const quote = contract.rpcs.get('/malla.stores.v1.ReservationsService/QuoteBasket');
  let service: TestService;
  let real: HiddenIds;
  let never: HiddenIds;
  before(async () => {
    service = await startTestService();
    const shop = await openShop(service);
    const { storeId, owner } = shop;
    const category = { categoryId: '', parentId: '', name: 'Secret', position: 0, depth: 0 };
    const made = await service.edge.categories.createCategory({ storeId, category }, owner);
    const draft = newProduct({ variants: [newVariant({ initialStock: 5 })] });
    const { product } = await service.edge.products.createProduct({ storeId, product: draft }, owner);
    const imported = await uploadRows(service.edge.channel, [importRow(shop, newProduct(), false)], owner);
    real = {
      product: product?.productId ?? '',
      variant: product?.variants[0]?.variantId ?? '',
      category: made.category?.categoryId ?? '',
      import: imported.import?.importId ?? '',
    };
    const fresh = (prefix: string) => typeid(prefix).toString();
    never = { product: fresh('prod'), variant: fresh('var'), category: fresh('cat'), import: fresh('imp') };
    assert.ok(Object.values(real).every((id) => id !== ''));
  });
  after(() => service.stop());

  it('has a request or a reason for every RPC of the contract', () => {
    assert.deepEqual(Object.keys(HIDDEN).sort(), [...rpcs.keys(), QUOTE].sort());
  });

  for (const [name, requestOf] of Object.entries(HIDDEN)) {
    if (typeof requestOf === 'string') continue;
    it(`${name} answers alike for what there is and what there is not`, async () => {
      const rpc = rpcs.get(name) ?? (quote as RpcContract);
      const { edge, transactions, users } = service;
      const { channel } = name === QUOTE ? transactions : edge;
      const stranger = as(await users.token());
      stranger.metadata.set('idempotency-key', randomUUID());
      const ask = requestOf as Parameters<typeof answerWithoutIds>[2];
      const ofReal = await answerWithoutIds(channel, rpc, ask, real, stranger);
      assert.equal(ofReal, await answerWithoutIds(channel, rpc, ask, never, stranger));
      assert.doesNotMatch(ofReal, /INVALID_ARGUMENT|MESSAGE_INVALID|ROLE_MISSING/);
    });
  }

  it('does not tell customers of a draft by a quote, as it tells them that something is not sold any more', async () => {
    const lines = [{ variantId: real.variant, quantity: 1 }];
    const quoted = await service.transactions.reservations.quoteBasket({ lines, currencyCode: '' });
    const { problem, productName, storeName } = quoted.lines[0] ?? {};
    assert.deepEqual([problem, productName, storeName], [LineProblem.NOT_FOUND, '', '']);
  });
});
