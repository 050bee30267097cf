import assert from 'node:assert/strict';
import { DomainError } from '@malla/chassis/errors';
import { PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { type Purchase, PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { TypeID, typeid } from 'typeid-js';
import { buy, openShelf, until } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound } from '../support/shop.ts';

describe('A purchase that is given up', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService({ PROVIDER_TIMEOUT_MS: 700 });
  });
  afterEach(() => assertSound(service));
  after(() => service.stop());

  for (const answer of ['pass', 'fail'] as const) {
    it(`is cancelled though the bank was told to ${answer} the challenge, and nobody has heard of that`, async () => {
      const { shop, variantId } = await openShelf(service, 'tok_challenge', 5);
      const { purchaseId, paymentId } = await buy(service, shop, [{ variantId, quantity: 1 }]);
      const { payment } = await service.edge.payments.getPayment({ paymentId }, shop.customer());
      deaf(true);
      await service.sandbox.answerChallenge(payment?.actionUrl ?? '', answer);
      await service.edge.purchases.cancelPurchase({ purchaseId }, shop.customer());
      const cancelled = await until(service, shop, purchaseId, ({ state }) => state === PurchaseState.CANCELLED);
      deaf(false);
      assert.equal(cancelled.reason, 'CANCELLED_BY_USER');
      assert.equal((await service.sandbox.recordOf(paymentId))?.status, answer === 'pass' ? 'voided' : 'declined');
      const { payment: after } = await service.edge.payments.getPayment({ paymentId }, shop.customer());
      assert.equal(after?.state, answer === 'pass' ? PaymentState.VOIDED : PaymentState.FAILED);
      assert.equal(service.stores.shelves.variant(variantId).reserved, 0);
    });
  }

  it('for want of stock lets go of its payment, and keeps nothing that is reserved for it later', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 3);
    const { shelves } = service.stores;
    const other = { reservationId: typeid('res').toString(), ownerId: '', lines: [{ variantId, quantity: 3 }] };
    shelves.before('reserveStock', async () => void (await reserve(other)));
    const { purchaseId, paymentId } = await buy(service, shop, [{ variantId, quantity: 2 }]);
    const failed = await until(service, shop, purchaseId, ({ state }) => state === PurchaseState.FAILED);
    assert.equal(failed.reason, 'STOCK_INSUFFICIENT');
    const { payment } = await service.edge.payments.getPayment({ paymentId }, shop.customer());
    assert.equal(payment?.state, PaymentState.VOIDED);
    await shelves.handlers.releaseReservation({ reservationId: other.reservationId }, {} as never);
    // What a replica that died had sent may arrive after all.
    const [row] = await service.sql<{ id: Buffer }>(
      'SELECT reservation_id AS id FROM purchases WHERE purchase_id = ?',
      [Buffer.from(TypeID.fromString(purchaseId).toUUIDBytes())],
    );
    const reservationId = TypeID.fromUUIDBytes('res', row?.id ?? Buffer.alloc(0)).toString();
    await reserve({ reservationId, ownerId: purchaseId, lines: [{ variantId, quantity: 2 }] });
    assert.equal(shelves.variant(variantId).reserved, 0);
  });

  for (const reason of ['STORE_CLOSED', 'PRODUCT_NOT_PUBLISHED']) {
    it(`lets go of its payment at once when it is too late to reserve: ${reason}`, async () => {
      const { shop, variantId } = await openShelf(service, 'tok_success', 3);
      service.stores.shelves.before('reserveStock', async () => {
        throw new DomainError('precondition', reason, 'not for sale any more');
      });
      const { purchaseId, paymentId } = await buy(service, shop, [{ variantId, quantity: 2 }]);
      const isOver = ({ state }: Purchase) => state === PurchaseState.FAILED || state === PurchaseState.CAPTURED;
      const failed = await until(service, shop, purchaseId, isOver);
      assert.deepEqual([failed.state, failed.reason], [PurchaseState.FAILED, 'STOCK_INSUFFICIENT']);
      const { payment } = await service.edge.payments.getPayment({ paymentId }, shop.customer());
      assert.equal(payment?.state, PaymentState.VOIDED);
    });
  }

  function reserve(request: object) {
    return service.stores.shelves.handlers.reserveStock(request as never, {} as never);
  }

  /** The provider's notifications do not arrive meanwhile. */
  function deaf(isDeaf: boolean): void {
    const away = () => Promise.reject(new Error('away'));
    const providers = isDeaf ? { ...service.edge.providers, receiveProviderWebhook: away } : service.edge.providers;
    service.sandbox.connect({ ...service.edge, providers });
  }
});
