import assert from 'node:assert/strict';
import { StaffRole } from '@malla/proto/malla/stores/v1/store';
import { PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { typeid } from 'typeid-js';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { buy, openShelf } from '../support/purchases.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound } from '../support/shop.ts';
import { newUserId } from '../support/users.ts';
import { type Seen, watch, watchAll } from '../support/watch.ts';

const { CREATED, RESERVED, AUTHORISED, CONFIRMED, CAPTURED, CANCELLING, FAILED, PARTLY_REFUNDED, REFUNDED } =
  PurchaseState;
const BOUGHT = [CREATED, RESERVED, AUTHORISED, CONFIRMED, CAPTURED];
const WATCHERS_OF_A_USER = 20;
const states = (seen: readonly Seen[]) => seen.map(({ state }) => state);

describe('PurchasesService/WatchPurchase', () => {
  let service: TestService;
  let other: Replica;
  before(async () => {
    service = await startTestService();
    other = await startReplica(service);
  });
  afterEach(() => assertSound(service));
  after(async () => {
    await other.stop();
    await service.stop();
  });

  it('sends what a purchase went through, each state once and in order, and ends when it is bought', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 5);
    const { purchaseId } = await buy(service, shop, [{ variantId, quantity: 1 }]);
    const seen = await watchAll(service.edge, { purchaseId }, shop.customer());
    assert.deepEqual(states(seen), BOUGHT);
    assert.ok(seen.every((change) => change.purchaseId === purchaseId && change.changeTime));
    assert.equal(new Set(seen.map(({ resumeToken }) => resumeToken)).size, seen.length);
  });

  it('ends with the reason of what failed', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_card_declined', 5);
    const { purchaseId } = await buy(service, shop, [{ variantId, quantity: 1 }]);
    const seen = await watchAll(service.edge, { purchaseId }, shop.customer());
    assert.deepEqual(states(seen), [CREATED, RESERVED, CANCELLING, FAILED]);
    assert.equal(seen.at(-1)?.reason, 'PAYMENT_FAILED');
  });

  it('sends what happens on another replica as it does, also when svc-transactions went away in between', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_challenge', 5);
    const { purchaseId, paymentId } = await buy(service, shop, [{ variantId, quantity: 1 }]);
    const live = watch(other.edge, { purchaseId }, shop.customer());
    const known = [await next(live), await next(live), await next(live)];
    assert.deepEqual(states(known), [CREATED, RESERVED, RESERVED]);
    const { payment } = await service.edge.payments.getPayment({ paymentId }, shop.customer());
    await service.sandbox.answerChallenge(payment?.actionUrl ?? '', 'pass');
    const { resumeToken } = await next(live);
    await live.return(undefined);
    const rest = await watchAll(service.edge, { purchaseId, resumeToken }, shop.customer());
    assert.deepEqual(states(rest), BOUGHT.slice(3));
  });

  it('follows refunds when that is wanted, until all is paid back', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 5);
    const { purchaseId, paymentId } = await buy(service, shop, [{ variantId, quantity: 1 }]);
    const refund = (amountMinor: bigint) =>
      service.edge.payments.refundPayment(
        { paymentId, amount: { currencyCode: 'EUR', amountMinor }, reason: '' },
        shop.owner(),
      );
    const live = watch(other.edge, { purchaseId, followRefunds: true }, shop.customer());
    for (const state of BOUGHT) assert.equal((await next(live)).state, state);
    await refund(190n);
    const first = await next(live);
    assert.deepEqual([first.state, first.refunded?.amountMinor], [PARTLY_REFUNDED, 190n]);
    await refund(1_000n);
    assert.equal((await next(live)).state, REFUNDED);
    assert.equal((await live.next()).done, true);
    const seen = await watchAll(service.edge, { purchaseId }, shop.customer());
    assert.deepEqual(states(seen), [...BOUGHT, PARTLY_REFUNDED, REFUNDED]);
  });

  it('is for who buys and for the staff of the store', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 5);
    const { purchaseId } = await buy(service, shop, [{ variantId, quantity: 1 }]);
    const clerkId = newUserId();
    service.stores.employ(shop.storeId, clerkId, StaffRole.CLERK);
    for (const options of [shop.owner(), as(await service.users.token(clerkId))])
      assert.deepEqual(states(await watchAll(service.edge, { purchaseId }, options)), BOUGHT);
    const stranger = as(await service.users.token(newUserId(), 'purchases:read'));
    await rejectsWith(watchAll(service.edge, { purchaseId }, stranger), 'NOT_FOUND', 'PURCHASE_NOT_FOUND');
    const unknown = { purchaseId: typeid('pur').toString() };
    await rejectsWith(watchAll(service.edge, unknown, shop.customer()), 'NOT_FOUND', 'PURCHASE_NOT_FOUND');
  });

  it('refuses a position that the purchase has not come to, and what is none, naming the field', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 5);
    const { purchaseId } = await buy(service, shop, [{ variantId, quantity: 1 }]);
    for (const [resumeToken, reason] of [
      ['6', 'RESUME_TOKEN_INVALID'],
      ['-1', 'MESSAGE_INVALID'],
      ['1234567890', 'MESSAGE_INVALID'],
    ] as const) {
      const watching = watchAll(service.edge, { purchaseId, resumeToken }, shop.customer());
      const { fields } = await rejectsWith(watching, 'INVALID_ARGUMENT', reason);
      assert.deepEqual([...new Set(fields.map(({ field }) => field))], ['resume_token']);
    }
    assert.deepEqual(await watchAll(service.edge, { purchaseId, resumeToken: '5' }, shop.customer()), []);
  });

  it('has no room for more than 20 of a user, and has it again when they leave', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_challenge', 5);
    const { purchaseId } = await buy(service, shop, [{ variantId, quantity: 1 }]);
    const open = () => watch(service.edge, { purchaseId }, shop.customer());
    const streams = Array.from({ length: WATCHERS_OF_A_USER }, open);
    await Promise.all(streams.map(next));
    await rejectsWith(next(open()), 'RESOURCE_EXHAUSTED', 'STREAMS_TOO_MANY');
    await Promise.all(streams.map((stream) => stream.return(undefined)));
    await untilRoom(open);
    await service.edge.purchases.cancelPurchase({ purchaseId }, shop.customer());
  });

  it('ends by itself before its deadline, without a failure', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_challenge', 5);
    const { purchaseId } = await buy(service, shop, [{ variantId, quantity: 1 }]);
    const seen = await watchAll(service.edge, { purchaseId }, { ...shop.customer(), timeoutMs: 1_500 });
    assert.deepEqual(states(seen), [CREATED, RESERVED, RESERVED]);
    await service.edge.purchases.cancelPurchase({ purchaseId }, shop.customer());
  });

  it('lets everybody go when the replica stops', async () => {
    const third = await startReplica(service);
    const { shop, variantId } = await openShelf(service, 'tok_challenge', 5);
    const { purchaseId } = await buy(service, shop, [{ variantId, quantity: 1 }]);
    const live = watch(third.edge, { purchaseId }, shop.customer());
    const { resumeToken } = await next(live);
    const rest = (async () => {
      for await (const _ of live);
    })();
    await third.stop();
    await rest;
    await service.edge.purchases.cancelPurchase({ purchaseId }, shop.customer());
    const seen = await watchAll(other.edge, { purchaseId, resumeToken }, shop.customer());
    assert.deepEqual(states(seen), [RESERVED, RESERVED, CANCELLING, PurchaseState.CANCELLED]);
  });
});

async function next(stream: AsyncGenerator<Seen>): Promise<Seen> {
  const { value, done } = await stream.next();
  assert.ok(!done, 'the stream has ended');
  return value;
}

/** Opens a stream as soon as there is room: a client that leaves is not heard of at once. */
async function untilRoom(open: () => AsyncGenerator<Seen>): Promise<void> {
  for (;;) {
    const stream = open();
    const isIn = await next(stream).then(
      () => true,
      () => false,
    );
    await stream.return(undefined);
    if (isIn) return;
  }
}
