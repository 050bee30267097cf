import assert from 'node:assert/strict';
import { CaptureMethod } from '@malla/proto/malla/transactions/v1/payment';
import { typeid } from 'typeid-js';
import { writeId } from '../../../src/data/columns.ts';
import { newId, transferIdOf } from '../../../src/domain/ids.ts';
import { type Account, accountIdOf } from '../../../src/domain/ledger/account.ts';
import type { FaultKind } from '../../../src/domain/ledger/verify.ts';
import { account } from '../../support/ledger.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { confirm, newPayment, openShop, type Shop } from '../../support/shop.ts';
import { faultsAfter, type Tamperer, transferBytes } from '../../support/tampering.ts';

/** A fault, as far as it differs: its kind, its subject, what was expected, what was found, and what more it says. */
type Told = readonly [FaultKind, string, number, number, string];

const DEBITS = `UPDATE ledger_balances SET pending_debits_minor = pending_debits_minor + ?
  WHERE owner = ? AND purpose = 'customer-receivable'`;
const CREDITS = `UPDATE ledger_balances SET pending_credits_minor = pending_credits_minor + ?
  WHERE owner = ? AND purpose = 'store-payable' ORDER BY shard LIMIT 1`;

describe('VerifyLedger, of a ledger that somebody tampered with', () => {
  let service: TestService;
  let shop: Shop;
  /** A payment of 100.00 EUR that is captured, with a fee of 2.50; another that is authorised; a refund of a third one. */
  let [paid, held, paidBack] = ['', '', ''];
  let payable: Account;
  let receivable: Account;
  let refunds: Account;
  before(async () => {
    service = await startTestService();
    shop = await openShop(service);
    [paid, held, paidBack] = [
      await pay(CaptureMethod.AUTOMATIC),
      await pay(CaptureMethod.MANUAL),
      await pay(CaptureMethod.AUTOMATIC),
    ];
    const request = { paymentId: paidBack, amount: { currencyCode: 'EUR', amountMinor: 500n }, reason: '' };
    await service.edge.payments.refundPayment(request, shop.owner());
    payable = account(shop.storeId, 'store-payable');
    receivable = account(shop.userId, 'customer-receivable');
    refunds = account(shop.storeId, 'refunds');
  });
  after(() => service.stop());

  it('says nothing before', () => finds([], async () => undefined));

  it('tells money of a payment that was moved to another store', () => {
    const other = account(typeid('store').toString(), 'store-payable');
    return finds(
      [
        ['payment', paid, 9_750, -250, named(payable)],
        ['payment', paid, 0, 10_000, named(other)],
      ],
      ({ move }) => move('correction', paid, payable, other, 10_000n),
    );
  });

  it('tells a posting that was turned to another account, with its balances', async () => {
    const other = account(typeid('store').toString(), 'store-payable');
    const [captureId, id] = [transferIdOf(paid, ['capture']), writeId('acct', accountIdOf(other))];
    await finds(
      [
        ['transfer', captureId, 0, 0, `capture of ${paid} is not what was written`],
        ['payment', paid, 9_750, -250, named(payable)],
        ['payment', paid, 0, 10_000, named(other)],
      ],
      async ({ sql }) => {
        await sql(
          `INSERT INTO ledger_balances SELECT ?, 0, ?, purpose, currency_code, 10000, 0, 0 FROM ledger_balances
            WHERE owner = ? AND purpose = 'store-payable' LIMIT 1`,
          ...[id, other.owner, shop.storeId],
        );
        await sql(
          `UPDATE ledger_balances SET posted_minor = posted_minor - 10000
            WHERE owner = ? AND purpose = 'store-payable' ORDER BY shard LIMIT 1`,
          shop.storeId,
        );
        await sql(
          'UPDATE ledger_postings SET account_id = ? WHERE transfer_id = ? AND amount_minor > 0',
          ...[id, transferBytes(captureId)],
        );
      },
    );
  });

  it('tells a fee that was taken twice', async () => {
    let feeId = '';
    await finds(
      () => [
        ['transfer', feeId, 0, 0, `fee of ${paid} is not the one that it has`],
        ['payment', paid, 9_750, 9_500, named(payable)],
        ['payment', paid, 250, 500, named(account('malla', 'fees'))],
      ],
      async ({ move }) => {
        feeId = await move('fee', paid, payable, account('malla', 'fees'), 250n);
      },
    );
  });

  it('tells a capture that was booked twice', async () => {
    let captureId = '';
    await finds(
      () => [
        ['transfer', captureId, 0, 0, `capture of ${paid} is not the one that it has`],
        ['payment', paid, 9_750, 19_750, named(payable)],
        ['payment', paid, 0, -10_000, named(receivable)],
      ],
      async ({ move }) => {
        captureId = await move('capture', paid, receivable, payable, 10_000n);
      },
    );
  });

  it('tells a refund that was set aside, and is none', () =>
    finds(
      [
        ['payment', paid, 9_750, 9_250, named(payable)],
        ['payment', paid, 0, 500, named(refunds)],
      ],
      ({ move }) => move('refund-begun', paid, payable, refunds, 500n),
    ));

  it('tells a hold of what is captured, and a hold too many', async () => {
    const between = `${named(receivable)} to ${named(payable)}`;
    for (const [paymentId, expected] of [
      [paid, 0],
      [held, 10_000],
    ] as const) {
      let holdId = '';
      await finds(
        () => [
          ['transfer', holdId, 0, 0, `authorise of ${paymentId} is not the one that it has`],
          ['hold', paymentId, expected, expected + 10_000, between],
        ],
        async ({ hold }) => {
          holdId = await hold('authorise', paymentId, receivable, payable, 10_000n);
        },
      );
    }
  });

  it('tells a hold that has ended and is open again, and one that is lost', async () => {
    const between = `${named(receivable)} to ${named(payable)}`;
    const [ended, open] = [paid, held].map((paymentId) => transferIdOf(paymentId, ['authorise']));
    await finds(
      [
        ['transfer', String(ended), 0, 0, 'has ended, and is open'],
        ['hold', paid, 0, 10_000, between],
      ],
      async ({ sql }) => {
        const reopen = "INSERT INTO ledger_open_pending VALUES (?, '2100-01-01')";
        await sql(reopen, transferBytes(String(ended)));
        await sql(DEBITS, 10_000, shop.userId);
        await sql(CREDITS, 10_000, shop.storeId);
      },
    );
    await finds(
      [
        ['transfer', String(open), 0, 0, 'is neither open, nor has it ended'],
        ['hold', held, 10_000, 0, between],
      ],
      async ({ sql }) => {
        await sql('DELETE FROM ledger_open_pending WHERE transfer_id = ?', transferBytes(String(open)));
        await sql(DEBITS, -10_000, shop.userId);
        await sql(CREDITS, -10_000, shop.storeId);
      },
    );
  });

  it('tells a transfer whose row was deleted', () => {
    const [captureId, holdId] = [transferIdOf(paid, ['capture']), transferIdOf(paid, ['authorise'])];
    return finds(
      [
        ['transfer', captureId, 0, 10_000, 'was posted, and is not there'],
        ['transfer', holdId, 0, 0, 'is neither open, nor has it ended'],
        ['payment', paid, 9_750, -250, named(payable)],
        ['payment', paid, 0, 10_000, named(receivable)],
      ],
      ({ sql }) => sql('DELETE FROM ledger_transfers WHERE transfer_id = ?', transferBytes(captureId)),
    );
  });

  it('tells a transfer whose postings were deleted, or whose kind was changed', async () => {
    const feeId = transferIdOf(paid, ['fee']);
    const changed = ['transfer', feeId, 0, 0, `refund of ${paid} is not what was written`] as const;
    await finds(
      [
        changed,
        ['payment', paid, 10_000, 9_750, named(payable)],
        ['payment', paid, 0, 250, named(account('malla', 'fees'))],
      ],
      ({ sql }) => sql("UPDATE ledger_transfers SET kind = 'refund' WHERE transfer_id = ?", transferBytes(feeId)),
    );
    const found = await faultsAfter(service, ({ sql }) =>
      sql('DELETE FROM ledger_postings WHERE transfer_id = ?', transferBytes(feeId)),
    );
    const told = found.filter(({ kind }) => kind === 'transfer').map(({ detail }) => detail);
    assert.deepEqual(told, [`fee of ${paid} is not what was written`]);
  });

  it('tells a payment whose currency was changed', () => {
    const inDollars = (one: Account) => named({ ...one, currencyCode: 'USD' });
    const [fees, clearing] = [account('malla', 'fees'), account('sandbox', 'provider-clearing')];
    const amounts = [
      [payable, 9_750],
      [fees, 250],
      [clearing, -10_000],
    ] as const;
    return finds(
      [
        ...amounts.map(([one, amount]): Told => ['payment', paid, amount, 0, inDollars(one)]),
        ...amounts.map(([one, amount]): Told => ['payment', paid, 0, amount, named(one)]),
      ],
      ({ sql }) => sql("UPDATE payments SET currency_code = 'USD' WHERE payment_id = ?", writeId('pay', paid)),
    );
  });

  it('tells a payment that says of its refunds what is not so', () =>
    finds(
      [
        ['record', paid, 0, 55, 'refunds pending'],
        ['payment', paid, 9_695, 9_750, named(payable)],
        ['payment', paid, 55, 0, named(refunds)],
      ],
      ({ sql }) => sql('UPDATE payments SET refunds_pending_minor = 55 WHERE payment_id = ?', writeId('pay', paid)),
    ));

  it('tells a refund and a dispute that are not what their payment says', async () => {
    await finds([['record', paidBack, 0, 500, 'refunded']], ({ sql }) =>
      sql("UPDATE refunds SET state = 'failed' WHERE payment_id = ?", writeId('pay', paidBack)),
    );
    await finds(
      [
        ['payment', paid, 2_750, 9_750, named(payable)],
        ['payment', paid, 7_000, 0, named(account(shop.storeId, 'disputes'))],
      ],
      ({ sql }) => sql("INSERT INTO disputes VALUES ('dp_1', ?, 7000, 'opened')", writeId('pay', paid)),
    );
  });

  it('tells a payment that is captured, and does not say so', () =>
    finds([['record', paid, 0, 10_000, 'captured']], ({ sql }) =>
      sql("UPDATE payments SET state = 'failed' WHERE payment_id = ?", writeId('pay', paid)),
    ));

  it('tells money that moved for no payment, and for one that is not there', async () => {
    for (const reference of [newId.payment(), newId.purchase()]) {
      const other = account(typeid('store').toString(), 'store-payable');
      await finds([['payment', reference, 0, 100, 'is no payment']], ({ move }) =>
        move('correction', reference, payable, other, 100n),
      );
    }
  });

  async function pay(captureMethod: CaptureMethod): Promise<string> {
    const paymentId = await newPayment(service, shop, 'tok_success', captureMethod);
    await confirm(service, shop, paymentId);
    return paymentId;
  }

  /** Expects these faults of what somebody did, and no others. */
  async function finds(expected: Told[] | (() => Told[]), tamper: (tamperer: Tamperer) => Promise<unknown>) {
    const found = (await faultsAfter(service, tamper)).map(
      ({ kind, subject, expectedMinor, actualMinor, detail }): Told => [
        ...([kind, subject, Number(expectedMinor), Number(actualMinor)] as const),
        detail,
      ],
    );
    const inOrder = (told: readonly Told[]) => told.map((one) => one.join(' ')).sort();
    assert.deepEqual(inOrder(found), inOrder(typeof expected === 'function' ? expected() : expected));
  }
});

function named({ purpose, owner, currencyCode }: Account): string {
  return `${purpose} of ${owner} in ${currencyCode}`;
}
