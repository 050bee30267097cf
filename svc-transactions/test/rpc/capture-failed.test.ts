import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type Purchase, PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { buy, openShelf, until } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound } from '../support/shop.ts';

describe('A purchase whose money is lost after its stock was sold', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService({ PROVIDER_TIMEOUT_MS: 700 });
  });
  afterEach(() => assertSound(service));
  after(() => service.stop());

  it('fails, and its stock is back', async () => {
    const { purchase, stock } = await buyWithoutMoney();
    assert.deepEqual([purchase.state, purchase.reason], [PurchaseState.FAILED, 'CAPTURE_FAILED']);
    assert.deepEqual(stock(), { onHand: 5, reserved: 0, sold: 0 });
  });

  it('brings the stock back once when the answer of svc-stores is lost', async () => {
    service.stores.shelves.loseAnswer('returnStock');
    const { purchase, stock } = await buyWithoutMoney();
    assert.deepEqual([purchase.state, purchase.reason], [PurchaseState.FAILED, 'CAPTURE_FAILED']);
    assert.deepEqual(stock(), { onHand: 5, reserved: 0, sold: 0 });
  });

  /** Buys two units; the provider lets the money go in the moment in which they are sold. */
  async function buyWithoutMoney() {
    const { shop, variantId } = await openShelf(service, 'tok_success', 5);
    service.stores.shelves.before('commitReservation', voidLast);
    const { purchaseId } = await buy(service, shop, [{ variantId, quantity: 2 }]);
    const purchase: Purchase = await until(service, shop, purchaseId, ({ state }) => state === PurchaseState.FAILED);
    const stock = () => {
      const { onHand, reserved, sold } = service.stores.shelves.variant(variantId);
      return { onHand, reserved, sold };
    };
    return { purchase, stock };
  }

  async function voidLast() {
    const authorised = (await service.sandbox.records()).filter(({ status }) => status === 'authorised');
    const reference = authorised[0]?.reference;
    const response = await fetch(`${service.sandbox.url}/v1/operations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${service.sandbox.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id: randomUUID(), kind: 'void', reference, amount: 1, currency: 'EUR', token: '' }),
    });
    assert.ok(response.ok);
  }
});
