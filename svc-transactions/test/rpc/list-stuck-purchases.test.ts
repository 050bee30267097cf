import assert from 'node:assert/strict';
import { PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { PurchaseState, type StuckPurchase } from '@malla/proto/malla/transactions/v1/purchase';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { buy, eventually, openShelf, until } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound } from '../support/shop.ts';
import { newUserId } from '../support/users.ts';

const MINUTE_MS = 60_000;
const PAGE = { minAge: undefined, pageSize: 0, pageToken: '' };

describe('PurchasesService/ListStuckPurchases', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService({ PROVIDER_TIMEOUT_MS: 500 });
  });
  afterEach(() => assertSound(service));
  after(() => service.stop());

  it('is for who may', async () => {
    const anybody = as(await service.users.token(newUserId(), 'ledger:read'));
    const call = service.edge.purchases.listStuckPurchases(PAGE, anybody);
    await rejectsWith(call, 'PERMISSION_DENIED', 'PERMISSION_MISSING');
  });

  it('lists what should have ended by now: in which state, why, and what becomes of it next', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 5);
    const done = await buy(service, shop, [{ variantId, quantity: 1 }]);
    assert.equal(done.state, PurchaseState.CAPTURED);
    const away = openShelf(service, 'tok_success', 5);
    const stuck = await away;
    let isAway = true;
    const fail = async () => {
      if (isAway) service.stores.shelves.before('commitReservation', fail);
      if (isAway) throw new Error('svc-stores is away');
    };
    service.stores.shelves.before('commitReservation', fail);
    const { purchaseId, paymentId } = await buy(service, stuck.shop, [{ variantId: stuck.variantId, quantity: 1 }]);
    await eventually(async () => ((await find(purchaseId, 1))?.attempts ?? 0) >= 2, 'two tries in vain');
    assert.equal(await find(purchaseId), undefined);
    service.clock.advance(19 * MINUTE_MS);
    const found = await find(purchaseId, 19 * 60);
    assert.ok(found);
    assert.deepEqual([found.state, found.storeId], [PurchaseState.AUTHORISED, stuck.shop.storeId]);
    assert.deepEqual([found.paymentId, found.paymentState], [paymentId, PaymentState.AUTHORISED]);
    assert.match(found.lastError, /INTERNAL/);
    assert.ok(found.nextStepTime && found.sinceTime && found.createTime);
    isAway = false;
    await until(service, stuck.shop, purchaseId, ({ state }) => state === PurchaseState.CAPTURED);
    assert.equal(await find(purchaseId, 19 * 60), undefined);
  });

  it('lists by pages, oldest first', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_challenge', 5);
    const ids: string[] = [];
    for (let at = 0; at < 3; at += 1) ids.push((await buy(service, shop, [{ variantId, quantity: 1 }])).purchaseId);
    service.clock.advance(5 * MINUTE_MS);
    const pages = await list({ ...PAGE, minAge: { seconds: 240n, nanos: 0 }, pageSize: 2 });
    assert.deepEqual(
      pages.map((page) => page.map(({ purchaseId }) => purchaseId)),
      [ids.slice(0, 2), ids.slice(2)],
    );
    for (const purchaseId of ids) await service.edge.purchases.cancelPurchase({ purchaseId }, shop.customer());
  });

  it('refuses an age and a page token that are none, naming the field', async () => {
    const wrong = [
      [{ ...PAGE, minAge: { seconds: 0n, nanos: 0 } }, 'MESSAGE_INVALID', 'min_age'],
      [{ ...PAGE, pageSize: 101 }, 'MESSAGE_INVALID', 'page_size'],
      [{ ...PAGE, pageToken: 'x' }, 'PAGE_TOKEN_INVALID', 'page_token'],
    ] as const;
    for (const [request, reason, field] of wrong) {
      const call = service.edge.purchases.listStuckPurchases(request as typeof PAGE, await operator());
      const { fields } = await rejectsWith(call, 'INVALID_ARGUMENT', reason);
      assert.deepEqual([...new Set(fields.map((fault) => fault.field))], [field]);
    }
  });

  const operator = async () => as(await service.users.token(newUserId(), 'purchases:read'));

  async function list(request: Parameters<TestService['edge']['purchases']['listStuckPurchases']>[0]) {
    const pages: StuckPurchase[][] = [];
    let pageToken = '';
    do {
      const page = await service.edge.purchases.listStuckPurchases({ ...request, pageToken }, await operator());
      pages.push(page.purchases);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return pages;
  }

  async function find(purchaseId: string, ageSeconds?: number): Promise<StuckPurchase | undefined> {
    const minAge = ageSeconds === undefined ? undefined : { seconds: BigInt(ageSeconds), nanos: 0 };
    return (await list({ ...PAGE, minAge })).flat().find((purchase) => purchase.purchaseId === purchaseId);
  }
});
