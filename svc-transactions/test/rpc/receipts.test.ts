import assert from 'node:assert/strict';
import type { CallOptions } from '@malla/chassis/outgoing';
import { callServerStream } from '@malla/chassis/stream-call';
import { mallaContract, type RpcContract } from '@malla/proto/contract';
import { StaffRole } from '@malla/proto/malla/stores/v1/store';
import { type Purchase, PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import {
  DownloadPurchaseReceiptRequest,
  DownloadPurchaseReceiptResponse,
  PurchasesServiceService,
} from '@malla/proto/malla/transactions/v1/purchases_service';
import type { Receipt } from '@malla/proto/malla/transactions/v1/receipt';
import { RequestContext } from '@mikro-orm/core';
import { writeId } from '../../src/data/columns.ts';
import { type Orm, openOrm } from '../../src/data/orm.ts';
import { createReceipts } from '../../src/data/receipts/receipts.repository.ts';
import { createTransact } from '../../src/data/transact.ts';
import { newId } from '../../src/domain/ids.ts';
import { numberOf } from '../../src/domain/receipts/receipt.ts';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { pagesOf } from '../support/pdf.ts';
import { buy, openShelf, until } from '../support/purchases.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { newUserId } from '../support/users.ts';

const DOWNLOAD = rpcOf(PurchasesServiceService.downloadPurchaseReceipt.path);
const YEAR_MS = 366 * 24 * 3_600_000;
/** How many refunds a receipt shows. */
const REFUNDS_MAX = 100;
const UNKNOWN = 'pur_01h2xcejqtf2nbrexx3vqjhp41';

describe('Receipts of purchases', () => {
  let service: TestService;
  let replica: Replica;
  let orm: Orm;
  before(async () => {
    // Nobody waits in vain for a provider, however busy the machine is.
    service = await startTestService({ PROVIDER_TIMEOUT_MS: 5_000 });
    replica = await startReplica(service);
    orm = openOrm(service.config.DATABASE_URL);
  });
  after(async () => {
    await Promise.all([replica.stop(), orm.close()]);
    await service.stop();
  });

  it('are numbered without gaps for each store, whoever captures at once, and whatever fails in between', async () => {
    const stores = await Promise.all([1, 2].map(() => openStore(100)));
    const purchases = stores.flatMap(({ shop, decliner, variantId }) =>
      Array.from({ length: 35 }, (_, at) => bought(at % 2 ? replica : service, at % 7 ? shop : decliner, variantId)),
    );
    const captured = (await Promise.all(purchases)).filter(({ state }) => state === PurchaseState.CAPTURED);
    assert.equal(captured.length, 60);
    for (const { shop } of stores)
      assert.deepEqual(
        await numbersOf(shop),
        Array.from({ length: 30 }, (_, at) => at + 1),
      );
  });

  it('leave no gap behind a transaction that is rolled back', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 5);
    await bought(service, shop, variantId);
    const rolledBack = issued(shop.storeId, new Date(), () => {
      throw new Error('rolled back');
    });
    await assert.rejects(rolledBack, /rolled back/);
    await bought(service, shop, variantId);
    assert.deepEqual(await numbersOf(shop), [1, 2]);
  });

  it('begin anew with the year of UTC, and are in order of time whatever the clocks say', async () => {
    const { storeId } = await openShop(service);
    const issue = async (time: string) => numberOf(await issued(storeId, new Date(time)));
    assert.equal(await issue('2026-12-31T23:59:59.998Z'), '2026-000001');
    assert.equal(await issue('2027-01-01T00:00:00.000Z'), '2027-000001');
    assert.equal(await issue('2026-12-31T23:59:59.999Z'), '2026-000002');
    const late = await issued(storeId, new Date('2026-12-31T23:59:59.000Z'));
    assert.deepEqual([late.number, late.issueTime], [3, new Date('2026-12-31T23:59:59.999Z')]);
  });

  it('say what was bought, how it was paid, and what was paid back', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 5);
    const purchase = await bought(service, shop, variantId, 2);
    const before = await read(shop, purchase);
    assert.match(before.number, /^20\d\d-000001$/);
    assert.deepEqual([before.lines, before.total], [purchase.lines, purchase.total]);
    assert.deepEqual(
      [before.storeName, before.storeContactEmail, before.storeCountryCode],
      ['Hats', 'hats@shop.example', 'ES'],
    );
    assert.deepEqual([before.cardBrand, before.cardLast4.length], ['visa', 4]);
    assert.deepEqual([before.storeLegalName, before.storeTaxId], ['Hats S.L.', 'ESB12345678']);
    assert.deepEqual([before.customerName, before.customerEmail], ['Ada Lovelace', 'ada@example.com']);
    const [rate] = before.taxes;
    assert.deepEqual([before.taxes.length, rate?.basisPoints, rate?.tax?.amountMinor], [1, 1_900, 380n]);
    assert.deepEqual(before.refunds, []);
    await detachAll(shop);
    const { purchaseId } = purchase;
    const request = { purchaseId, lines: [{ variantId, quantity: 1 }], amount: undefined, reason: '', restock: false };
    await service.edge.purchases.refundPurchase(request, shop.owner());
    const after = await read(shop, purchase);
    assert.deepEqual([after.state, after.refunded?.amountMinor], [PurchaseState.PARTLY_REFUNDED, 1_190n]);
    assert.deepEqual([after.refunds.length, after.refunds[0]?.amount?.amountMinor], [1, 1_190n]);
    const stated = ({ number, issueTime, total, cardBrand, cardLast4 }: Receipt) => [
      number,
      issueTime,
      total,
      cardBrand,
      cardLast4,
    ];
    assert.deepEqual(stated(after), stated(before));
  });

  it('show what was paid back, however many refunds have failed since', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 5);
    const purchase = await bought(service, shop, variantId, 2);
    const { purchaseId, paymentId } = purchase;
    const request = { purchaseId, lines: [{ variantId, quantity: 1 }], amount: undefined, reason: '', restock: false };
    await service.edge.purchases.refundPurchase(request, shop.owner());
    // What a provider declined moved nothing in the end.
    const failed = `INSERT INTO refunds (refund_id, payment_id, currency_code, amount_minor, state, reason, create_time)
      VALUES (?, ?, 'EUR', 1, 'failed', '', UTC_TIMESTAMP(3))`;
    for (let at = 0; at < REFUNDS_MAX; at += 1)
      await service.sql(failed, [writeId('rfnd', newId.refund()), writeId('pay', paymentId)]);
    const { refunds } = await read(shop, purchase);
    assert.deepEqual([refunds.length, refunds[0]?.amount?.amountMinor], [1, 1_190n]);
  });

  it('are there to print, the same each time', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 5);
    const purchase = await bought(service, shop, variantId, 3);
    const { number } = await read(shop, purchase);
    const pdf = await download(shop.customer(), purchase.purchaseId);
    assert.deepEqual(await download(shop.customer(), purchase.purchaseId), pdf);
    const [page = ''] = await pagesOf(pdf);
    for (const text of [`Receipt ${number}`, 'Hats', 'EUR 35.70', 'Ada Lovelace', 'Calle Mayor 1', 'ESB12345678'])
      assert.ok(page.includes(text), `${text} in ${page}`);
  });

  it('are for who bought and for the staff, and of what was paid for', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 5);
    const { purchaseId } = await bought(service, shop, variantId);
    const clerkId = newUserId();
    service.stores.employ(shop.storeId, clerkId, StaffRole.CLERK);
    const clerk = as(await service.users.token(clerkId));
    assert.ok((await service.edge.purchases.getPurchaseReceipt({ purchaseId }, clerk)).receipt);
    const stranger = (await openShop(service)).customer();
    const failed = await bought(service, await asDeclined(shop), variantId);
    const refusals = [
      [{ purchaseId }, stranger, 'NOT_FOUND', 'PURCHASE_NOT_FOUND'],
      [{ purchaseId: UNKNOWN }, shop.customer(), 'NOT_FOUND', 'PURCHASE_NOT_FOUND'],
      [{ purchaseId: failed.purchaseId }, shop.owner(), 'FAILED_PRECONDITION', 'PURCHASE_STATE_WRONG'],
      [{ purchaseId: 'pur_1' }, shop.customer(), 'INVALID_ARGUMENT', 'MESSAGE_INVALID'],
    ] as const;
    for (const [request, who, code, reason] of refusals) {
      await rejectsWith(service.edge.purchases.getPurchaseReceipt(request, who), code, reason);
      await rejectsWith(download(who, request.purchaseId), code, reason);
    }
  });

  it('are issued when they are asked for, once, to what a version without receipts captured', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 5);
    const { purchaseId } = await bought(service, shop, variantId);
    const id = writeId('pur', purchaseId);
    await service.sql('DELETE FROM receipts WHERE purchase_id = ?', [id]);
    await service.sql('UPDATE purchases SET paid_by = NULL, store_contact = NULL WHERE purchase_id = ?', [id]);
    service.clock.advance(YEAR_MS);
    const receipts = await Promise.all(Array.from({ length: 8 }, () => read(shop, { purchaseId })));
    const year = service.clock.now().getUTCFullYear();
    assert.deepEqual([...new Set(receipts.map(({ number }) => number))], [`${year}-000001`]);
    assert.deepEqual([receipts[0]?.cardBrand, receipts[0]?.storeContactEmail], ['', '']);
    service.clock.advance(-YEAR_MS);
  });

  /** Buys, and waits until it is over. */
  async function bought(by: Pick<Replica, 'edge'>, shop: Shop, variantId: string, quantity = 1): Promise<Purchase> {
    const over: PurchaseState[] = [PurchaseState.CAPTURED, PurchaseState.FAILED];
    const isOver = ({ state }: Purchase) => over.includes(state);
    const purchase = await buy(by, shop, [{ variantId, quantity }]);
    return isOver(purchase) ? purchase : until(by, shop, purchase.purchaseId, isOver);
  }

  /** A customer of the same store whose card is declined. */
  async function asDeclined(shop: Shop): Promise<Shop> {
    const userId = newUserId();
    const token = await service.users.token(userId);
    await service.edge.methods.attachPaymentMethod({ token: 'tok_card_declined' }, as(token));
    return { ...shop, userId, customer: (key) => as(token, key) };
  }

  async function openStore(onHand: number) {
    const { shop, variantId } = await openShelf(service, 'tok_success', onHand);
    return { shop, variantId, decliner: await asDeclined(shop) };
  }

  async function detachAll(shop: Shop): Promise<void> {
    const { paymentMethods } = await service.edge.methods.listPaymentMethods({}, shop.customer());
    for (const { paymentMethodId } of paymentMethods) {
      await service.edge.methods.detachPaymentMethod({ paymentMethodId }, shop.customer());
    }
  }

  async function read(shop: Shop, { purchaseId }: Pick<Purchase, 'purchaseId'>): Promise<Receipt> {
    const { receipt } = await service.edge.purchases.getPurchaseReceipt({ purchaseId }, shop.customer());
    assert.ok(receipt);
    return receipt;
  }

  /** All pieces of a receipt to print. */
  async function download(who: CallOptions, purchaseId: string): Promise<Buffer> {
    const bytes = DownloadPurchaseReceiptRequest.encode({ purchaseId }).finish();
    const pieces: Buffer[] = [];
    for await (const piece of callServerStream(service.edge.channel, DOWNLOAD, bytes, who)) {
      const { content, fileName } = DownloadPurchaseReceiptResponse.decode(piece);
      if (pieces.length === 0) assert.match(fileName, /^receipt-20\d\d-\d{6}\.pdf$/);
      assert.equal(content?.contentType, 'application/pdf');
      pieces.push(content.data);
    }
    return Buffer.concat(pieces);
  }

  /** Issues the next receipt of a store past the service, and does something before that is committed. */
  async function issued(storeId: string, time: Date, then: () => void = () => undefined) {
    const [receipts, purchaseId] = [createReceipts(orm), newId.purchase()];
    return RequestContext.create(orm.em, async () => {
      await createTransact(orm)(async () => {
        await receipts.issue({ purchaseId, storeId }, time);
        then();
      });
      const receipt = await receipts.read(purchaseId);
      assert.ok(receipt);
      return receipt;
    });
  }

  /** The numbers of a store's receipts, in their order. */
  async function numbersOf(shop: Shop): Promise<number[]> {
    const request = { storeId: shop.storeId, pageSize: 100, pageToken: '' };
    const { purchases } = await service.edge.purchases.listStorePurchases(request, shop.owner());
    const paid = purchases.filter(({ state }) => state === PurchaseState.CAPTURED);
    const read = paid.map(({ purchaseId }) => service.edge.purchases.getPurchaseReceipt({ purchaseId }, shop.owner()));
    const receipts = (await Promise.all(read)).map(({ receipt }) => receipt);
    return receipts.map((receipt) => Number(receipt?.number.slice(5))).sort((a, b) => a - b);
  }
});

function rpcOf(path: string): RpcContract {
  const rpc = mallaContract().rpcs.get(path);
  assert.ok(rpc);
  return rpc;
}
