import assert from 'node:assert/strict';
import { typeid } from 'typeid-js';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { confirm, newPayment, openShop, type Shop } from '../support/shop.ts';

const PAYMENTS = 5;
const PAGE_SIZE = 2;

interface Page {
  readonly ids: string[];
  readonly nextPageToken: string;
}

describe('PaymentsService', () => {
  let service: TestService;
  let shop: Shop;
  const made: string[] = [];
  before(async () => {
    service = await startTestService();
    shop = await openShop(service);
    for (let at = 0; at < PAYMENTS; at += 1) made.unshift(await newPayment(service, shop, 'tok_success'));
  });
  after(() => service.stop());

  for (const [name, list] of [
    ['ListPayments', (pageToken: string) => mine(pageToken, shop)],
    ['ListStorePayments', (pageToken: string) => ofStore(pageToken, shop)],
  ] as const) {
    describe(name, () => {
      it('walks all of them page by page, newest first, each once', async () => {
        const pages: Page[] = [];
        do pages.push(await list(pages.at(-1)?.nextPageToken ?? ''));
        while (pages.at(-1)?.nextPageToken);
        assert.deepEqual(
          pages.flatMap(({ ids }) => ids),
          made,
        );
        assert.ok(pages.slice(0, -1).every(({ ids }) => ids.length === PAGE_SIZE));
      });

      it('goes on where it was, whatever is made meanwhile', async () => {
        const first = await list('');
        const later = await newPayment(service, shop, 'tok_success');
        assert.deepEqual((await list(first.nextPageToken)).ids, made.slice(PAGE_SIZE, 2 * PAGE_SIZE));
        made.unshift(later);
      });

      it('answers INVALID_ARGUMENT for a page token that it did not give', async () => {
        for (const token of ['junk', `${(await list('')).nextPageToken}x`]) {
          await rejectsWith(list(token), 'INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID');
        }
        const other = await openShop(service);
        const { nextPageToken } = await list('');
        await rejectsWith(mine(nextPageToken, other), 'INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID');
      });
    });
  }

  it('shows where the bank waits for who pays to nobody else', async () => {
    const one = await openShop(service);
    const paymentId = await newPayment(service, one, 'tok_challenge');
    assert.notEqual((await confirm(service, one, paymentId)).actionUrl, '');
    const { payment } = await service.edge.payments.getPayment({ paymentId }, one.owner());
    const request = { storeId: one.storeId, pageSize: 0, pageToken: '' };
    const { payments } = await service.edge.payments.listStorePayments(request, one.owner());
    assert.deepEqual(
      [payment, ...payments].map((told) => [told?.paymentId, told?.actionUrl]),
      [
        [paymentId, ''],
        [paymentId, ''],
      ],
    );
  });

  it('shows a user nothing of others, and a store its staff alone', async () => {
    const other = await openShop(service);
    assert.deepEqual((await mine('', other)).ids, []);
    const request = { storeId: shop.storeId, pageSize: 0, pageToken: '' };
    const stranger = service.edge.payments.listStorePayments(request, other.owner());
    await rejectsWith(stranger, 'PERMISSION_DENIED', 'ROLE_MISSING');
    const nowhere = { ...request, storeId: typeid('store').toString() };
    const none = service.edge.payments.listStorePayments(nowhere, other.owner());
    await rejectsWith(none, 'NOT_FOUND', 'STORE_NOT_FOUND');
  });

  describe('ListRefunds', () => {
    it('walks all of them page by page, newest first, for who pays and for the staff', async () => {
      const [paymentId = ''] = made;
      await confirm(service, shop, paymentId);
      for (const amountMinor of [1n, 2n, 3n]) {
        const request = { paymentId, amount: { currencyCode: 'EUR', amountMinor }, reason: '' };
        await service.edge.payments.refundPayment(request, shop.owner());
      }
      for (const options of [shop.customer(), shop.owner()]) {
        const first = await service.edge.payments.listRefunds({ paymentId, pageSize: 2, pageToken: '' }, options);
        const request = { paymentId, pageSize: 2, pageToken: first.nextPageToken };
        const second = await service.edge.payments.listRefunds(request, options);
        const amounts = [...first.refunds, ...second.refunds].map(({ amount }) => amount?.amountMinor);
        assert.deepEqual([amounts, second.nextPageToken], [[3n, 2n, 1n], '']);
      }
      const other = await openShop(service);
      const call = service.edge.payments.listRefunds({ paymentId, pageSize: 0, pageToken: '' }, other.customer());
      await rejectsWith(call, 'NOT_FOUND', 'PAYMENT_NOT_FOUND');
    });
  });

  async function mine(pageToken: string, of: Shop): Promise<Page> {
    return toPage(await service.edge.payments.listPayments({ pageSize: PAGE_SIZE, pageToken }, of.customer()));
  }

  async function ofStore(pageToken: string, { storeId, owner }: Shop): Promise<Page> {
    const request = { storeId, pageSize: PAGE_SIZE, pageToken };
    return toPage(await service.edge.payments.listStorePayments(request, owner()));
  }

  function toPage(answer: { payments: { paymentId: string }[]; nextPageToken: string }): Page {
    return { ids: answer.payments.map(({ paymentId }) => paymentId), nextPageToken: answer.nextPageToken };
  }
});
