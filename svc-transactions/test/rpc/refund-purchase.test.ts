import assert from 'node:assert/strict';
import { status } from '@grpc/grpc-js';
import { isServiceError, readStatus } from '@malla/chassis/status';
import { StaffRole } from '@malla/proto/malla/stores/v1/store';
import { RefundState, RestockState } from '@malla/proto/malla/transactions/v1/payment';
import { PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { as, type Clients } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { buy, eventually, openShelf, until } from '../support/purchases.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, confirm, newPayment, openShop, type Shop, settled } from '../support/shop.ts';
import { newUserId } from '../support/users.ts';

interface Wanted {
  readonly lines?: { variantId: string; quantity: number }[];
  readonly amountMinor?: bigint;
  readonly restock?: boolean;
  readonly key?: string;
}

describe('PurchasesService/RefundPurchase', () => {
  let service: TestService;
  let replica: Replica;
  before(async () => {
    service = await startTestService({ PROVIDER_TIMEOUT_MS: 700 });
    replica = await startReplica(service);
  });
  afterEach(() => assertSound(service));
  after(async () => {
    await replica.stop();
    await service.stop();
  });

  it('pays back units with their taxes until exactly what was paid is back', async () => {
    const { shop, variantId, purchaseId, paymentId } = await bought('tok_success', 3, 333n);
    const taxes: (bigint | undefined)[] = [];
    for (let at = 0; at < 3; at += 1) {
      const { refund, purchase } = await refunded(shop, purchaseId, { lines: [{ variantId, quantity: 1 }] });
      taxes.push(refund.lines[0]?.tax?.amountMinor);
      assert.equal(purchase.lines[0]?.refundedQuantity, at + 1);
      assert.equal(purchase.state, at < 2 ? PurchaseState.PARTLY_REFUNDED : PurchaseState.REFUNDED);
    }
    assert.deepEqual(taxes, [63n, 64n, 63n]);
    assert.equal((await service.sandbox.recordOf(paymentId))?.refunded, 999 + 190);
    const again = refund(shop, purchaseId, { lines: [{ variantId, quantity: 1 }] });
    const { fields } = await rejectsWith(again, 'FAILED_PRECONDITION', 'UNITS_TOO_MANY');
    assert.equal(fields?.[0]?.field, 'lines[0].quantity');
    await rejectsWith(refund(shop, purchaseId, {}), 'FAILED_PRECONDITION', 'REFUND_TOO_LARGE');
  });

  it('pays back an amount, then all that is left with all units', async () => {
    const { shop, purchaseId } = await bought('tok_success', 2);
    const { purchase: partly } = await refunded(shop, purchaseId, { amountMinor: 100n });
    assert.deepEqual([partly.state, partly.refunded?.amountMinor], [PurchaseState.PARTLY_REFUNDED, 100n]);
    const { refund, purchase } = await refunded(shop, purchaseId, {});
    assert.deepEqual([refund.amount?.amountMinor, refund.lines[0]?.quantity], [2_280n, 2]);
    assert.deepEqual([purchase.state, purchase.lines[0]?.refundedQuantity], [PurchaseState.REFUNDED, 2]);
  });

  it('does not pay back more than is left, units or not', async () => {
    const { shop, variantId, purchaseId } = await bought('tok_success', 2);
    await refunded(shop, purchaseId, { amountMinor: 2_000n });
    const units = refund(shop, purchaseId, { lines: [{ variantId, quantity: 1 }] });
    await rejectsWith(units, 'FAILED_PRECONDITION', 'REFUND_TOO_LARGE');
    await rejectsWith(refund(shop, purchaseId, { amountMinor: 381n }), 'FAILED_PRECONDITION', 'REFUND_TOO_LARGE');
    await refunded(shop, purchaseId, { amountMinor: 380n });
  });

  it('gives units and money back to be refunded again when the provider fails', async () => {
    const { shop, variantId, purchaseId } = await bought('tok_refund_fails', 2);
    for (let at = 0; at < 2; at += 1) {
      const { refund, purchase } = await refunded(shop, purchaseId, {
        lines: [{ variantId, quantity: 2 }],
        restock: true,
      });
      assert.deepEqual([refund.state, refund.restock], [RefundState.FAILED, RestockState.UNSPECIFIED]);
      assert.equal(purchase.state, PurchaseState.CAPTURED);
      assert.deepEqual([purchase.lines[0]?.refundedQuantity, purchase.lines[0]?.refundsPendingQuantity], [0, 0]);
    }
    assert.equal(service.stores.shelves.variant(variantId).sold, 2);
  });

  it('says what is on its way when the answer is lost, and pays back once', async () => {
    const { shop, variantId, purchaseId, paymentId } = await bought('tok_answer_lost', 2);
    const { purchase } = await refunded(shop, purchaseId, { lines: [{ variantId, quantity: 1 }] });
    assert.equal((purchase.lines[0]?.refundsPendingQuantity ?? 0) + (purchase.lines[0]?.refundedQuantity ?? 0), 1);
    const over = await until(service, shop, purchaseId, ({ state }) => state === PurchaseState.PARTLY_REFUNDED);
    assert.deepEqual([over.lines[0]?.refundedQuantity, over.refundsPending?.amountMinor], [1, 0n]);
    assert.equal((await service.sandbox.recordOf(paymentId))?.refunded, 1_190);
  });

  it('shows units and money of one moment, however often it is read meanwhile', async () => {
    const { shop, variantId, purchaseId } = await bought('tok_success', 3);
    let over = false;
    const torn: unknown[] = [];
    const look = async () => {
      while (!over) {
        const { purchase } = await service.edge.purchases.getPurchase({ purchaseId }, shop.customer());
        const [units, paid] = [purchase?.lines[0]?.refundedQuantity ?? 0, purchase?.refunded?.amountMinor ?? 0n];
        if (BigInt(units) * 1_190n !== paid) torn.push([units, paid]);
      }
    };
    const readers = Array.from({ length: 8 }, look);
    for (let at = 0; at < 3; at += 1) await refunded(shop, purchaseId, { lines: [{ variantId, quantity: 1 }] });
    over = true;
    await Promise.all(readers);
    assert.deepEqual(torn, []);
  });

  it('puts units back into stock once, also when the answer of svc-stores is lost', async () => {
    const { shop, variantId, purchaseId, paymentId } = await bought('tok_success', 3);
    service.stores.shelves.loseAnswer('returnStock');
    await refunded(shop, purchaseId, { lines: [{ variantId, quantity: 2 }], restock: true });
    const restocked = async () => {
      const request = { paymentId, pageSize: 0, pageToken: '' };
      const { refunds } = await service.edge.payments.listRefunds(request, shop.owner());
      return refunds[0]?.restock === RestockState.DONE;
    };
    await eventually(restocked, 'the units are back');
    const { onHand, sold } = service.stores.shelves.variant(variantId);
    assert.deepEqual({ onHand, sold }, { onHand: 9, sold: 1 });
  });

  it('lets exactly three of 50 refunds of a third succeed that come at once to two replicas', async () => {
    const { shop, purchaseId, paymentId } = await bought('tok_success', 3);
    const third = 3_570n / 3n;
    const outcomes = await race(({ purchases }) =>
      purchases.refundPurchase(requestOf(purchaseId, { amountMinor: third }), shop.owner()),
    );
    assert.deepEqual(outcomes, { ok: 3, 'FAILED_PRECONDITION REFUND_TOO_LARGE': 47 });
    assert.equal((await service.sandbox.recordOf(paymentId))?.refunded, 3_570);
    await until(service, shop, purchaseId, ({ state }) => state === PurchaseState.REFUNDED);
  });

  it('lets exactly three of 50 refunds of one of three units succeed that come at once to two replicas', async () => {
    const { shop, variantId, purchaseId, paymentId } = await bought('tok_success', 3);
    const one = requestOf(purchaseId, { lines: [{ variantId, quantity: 1 }] });
    const outcomes = await race(({ purchases }) => purchases.refundPurchase(one, shop.owner()));
    assert.deepEqual(outcomes, { ok: 3, 'FAILED_PRECONDITION UNITS_TOO_MANY': 47 });
    assert.equal((await service.sandbox.recordOf(paymentId))?.refunded, 3_570);
  });

  it('lets exactly three of 50 refunds of a third of a payment succeed that come at once to two replicas', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_success');
    await confirm(service, shop, paymentId);
    await settled(service, shop, paymentId);
    const request = { paymentId, amount: euros(3_333n), reason: '' };
    const outcomes = await race(({ payments }) => payments.refundPayment(request, shop.owner()));
    assert.deepEqual(outcomes, { ok: 3, 'FAILED_PRECONDITION REFUND_TOO_LARGE': 47 });
    assert.equal((await service.sandbox.recordOf(paymentId))?.refunded, 9_999);
  });

  it('shares what is left with refunds of its payment, at once', async () => {
    const { shop, purchaseId, paymentId } = await bought('tok_success', 3);
    const third = 3_570n / 3n;
    let at = 0;
    const outcomes = await race(({ purchases, payments }) => {
      at += 1;
      return at % 2
        ? purchases.refundPurchase(requestOf(purchaseId, { amountMinor: third }), shop.owner())
        : payments.refundPayment({ paymentId, amount: euros(third), reason: '' }, shop.owner());
    });
    assert.deepEqual(outcomes, { ok: 3, 'FAILED_PRECONDITION REFUND_TOO_LARGE': 47 });
    const purchase = await until(service, shop, purchaseId, ({ state }) => state === PurchaseState.REFUNDED);
    assert.equal(purchase.refunded?.amountMinor, 3_570n);
  });

  it('says PARTLY_REFUNDED or REFUNDED when a dispute is lost', async () => {
    const { shop, purchaseId } = await bought('tok_dispute_lost', 1);
    const purchase = await until(service, shop, purchaseId, ({ state }) => state === PurchaseState.REFUNDED);
    assert.deepEqual([purchase.lost?.amountMinor, purchase.refunded?.amountMinor], [1_190n, 0n]);
    await rejectsWith(refund(shop, purchaseId, {}), 'FAILED_PRECONDITION', 'REFUND_TOO_LARGE');
  });

  it('answers the same again to the same key', async () => {
    const { shop, purchaseId } = await bought('tok_success', 3);
    const first = await refund(shop, purchaseId, { amountMinor: 5n, key: 'k-1' });
    assert.deepEqual(await refund(shop, purchaseId, { amountMinor: 5n, key: 'k-1' }), first);
    const other = refund(shop, purchaseId, { amountMinor: 6n, key: 'k-1' });
    await rejectsWith(other, 'INVALID_ARGUMENT', 'IDEMPOTENCY_KEY_REUSED');
  });

  it('is for the owner and managers, and not for clerks, who buys, or strangers', async () => {
    const { shop, purchaseId, paymentId } = await bought('tok_success', 3);
    const [clerk, manager] = [newUserId(), newUserId()];
    service.stores.employ(shop.storeId, clerk, StaffRole.CLERK);
    service.stores.employ(shop.storeId, manager, StaffRole.MANAGER);
    const request = requestOf(purchaseId, { amountMinor: 1n });
    const asUser = async (userId: string) => as(await service.users.token(userId));
    const byClerk = service.edge.purchases.refundPurchase(request, await asUser(clerk));
    await rejectsWith(byClerk, 'PERMISSION_DENIED', 'ROLE_MISSING');
    const payment = { paymentId, amount: undefined, reason: '' };
    const ofPayment = service.edge.payments.refundPayment(payment, await asUser(clerk));
    await rejectsWith(ofPayment, 'PERMISSION_DENIED', 'ROLE_MISSING');
    const byBuyer = service.edge.purchases.refundPurchase(request, shop.customer());
    await rejectsWith(byBuyer, 'NOT_FOUND', 'PURCHASE_NOT_FOUND');
    const byStranger = service.edge.purchases.refundPurchase(request, await asUser(newUserId()));
    await rejectsWith(byStranger, 'NOT_FOUND', 'PURCHASE_NOT_FOUND');
    await service.edge.purchases.refundPurchase(request, await asUser(manager));
  });

  it('refuses what makes no sense, naming it', async () => {
    const { shop, variantId, purchaseId } = await bought('tok_success', 3);
    const lines = [{ variantId, quantity: 1 }];
    await rejectsWith(refund(shop, purchaseId, { lines, amountMinor: 1n }), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    const twice = refund(shop, purchaseId, { lines: [...lines, ...lines] });
    await rejectsWith(twice, 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    const restocked = refund(shop, purchaseId, { amountMinor: 1n, restock: true });
    await rejectsWith(restocked, 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    const other = service.stores.shelves.put(shop.storeId, 1);
    const unknown = refund(shop, purchaseId, { lines: [{ variantId: other, quantity: 1 }] });
    await rejectsWith(unknown, 'INVALID_ARGUMENT', 'LINE_UNKNOWN');
    const dollars = { ...requestOf(purchaseId, {}), amount: { currencyCode: 'USD', amountMinor: 1n } };
    const inDollars = service.edge.purchases.refundPurchase(dollars, shop.owner());
    await rejectsWith(inDollars, 'INVALID_ARGUMENT', 'CURRENCY_MISMATCH');
    const declined = await openShelf(service, 'tok_card_declined', 1);
    const failed = await buy(service, declined.shop, [{ variantId: declined.variantId, quantity: 1 }]);
    const early = refund(declined.shop, failed.purchaseId, {});
    await rejectsWith(early, 'FAILED_PRECONDITION', 'PURCHASE_STATE_WRONG');
  });

  async function bought(token: string, quantity: number, priceMinor?: bigint) {
    const { shop, variantId } = await openShelf(service, token, 10, priceMinor);
    const { purchaseId, paymentId } = await buy(service, shop, [{ variantId, quantity }]);
    const paid: readonly PurchaseState[] = [PurchaseState.CAPTURED, PurchaseState.REFUNDED];
    await until(service, shop, purchaseId, ({ state }) => paid.includes(state));
    return { shop, variantId, purchaseId, paymentId };
  }

  function refund(shop: Shop, purchaseId: string, wanted: Wanted) {
    return service.edge.purchases.refundPurchase(requestOf(purchaseId, wanted), shop.owner(wanted.key));
  }

  async function refunded(shop: Shop, purchaseId: string, wanted: Wanted) {
    const { refund: made, purchase } = await refund(shop, purchaseId, wanted);
    assert.ok(made && purchase);
    return { refund: made, purchase };
  }

  /** Sends 50 requests at once, every other to another replica. @returns how often each outcome was there. */
  async function race(send: (edge: Clients) => Promise<unknown>): Promise<Record<string, number>> {
    const outcomes = Array.from({ length: 50 }, (_, at) =>
      send(at % 2 ? service.edge : replica.edge).then(
        () => 'ok',
        (error: unknown) =>
          isServiceError(error) ? `${status[error.code]} ${readStatus(error).reason}` : String(error),
      ),
    );
    const counts: Record<string, number> = {};
    for (const outcome of await Promise.all(outcomes)) counts[outcome] = (counts[outcome] ?? 0) + 1;
    return counts;
  }
});

function euros(amountMinor: bigint) {
  return { currencyCode: 'EUR', amountMinor };
}

function requestOf(purchaseId: string, { lines = [], amountMinor, restock = false }: Wanted) {
  const amount = amountMinor === undefined ? undefined : euros(amountMinor);
  return { purchaseId, lines, amount, reason: '', restock };
}
