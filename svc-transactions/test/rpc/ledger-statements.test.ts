import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccountPurpose } from '@malla/proto/malla/transactions/v1/ledger';
import { typeid } from 'typeid-js';
import { readTime } from '../../src/data/columns.ts';
import { derivedId } from '../../src/domain/ids.ts';
import { accountIdOf } from '../../src/domain/ledger/account.ts';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { account } from '../support/ledger.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newUserId } from '../support/users.ts';

/** Not a payment: those are compared with what the ledger says of them. */
const REFERENCE = typeid('run').toString();
/** Longer than what times are told apart by. */
const MOMENT_MS = 5;
const FAR = new Date('2100-01-01');
const clearing = account('sandbox', 'provider-clearing');

describe('LedgerService', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop('ledger alone'));

  describe('GetStoreBalances', () => {
    it('tells the staff what is on every account of the store, posted and pending', async () => {
      const { storeId, options } = await openStore();
      await sell(storeId, [100n, 50n]);
      const pending = {
        ...{ transferId: newId(), kind: 'authorise', reference: REFERENCE, expireTime: FAR, amountMinor: 30n },
        ...{ debit: clearing, credit: account(storeId, 'store-payable') },
      };
      await service.onLedger((ledger) => ledger.pend(pending));
      const { accounts } = await service.edge.ledger.getStoreBalances({ storeId }, options);
      const money = (amountMinor: bigint) => ({ currencyCode: 'EUR', amountMinor });
      assert.deepEqual(accounts, [
        {
          accountId: accountIdOf(account(storeId, 'store-payable')),
          owner: storeId,
          purpose: AccountPurpose.STORE_PAYABLE,
          posted: money(150n),
          pendingDebits: money(0n),
          pendingCredits: money(30n),
        },
      ]);
    });

    it('answers PERMISSION_DENIED to a stranger and NOT_FOUND for no store', async () => {
      const { storeId } = await openStore();
      const stranger = as(await service.users.token());
      await rejectsWith(
        service.edge.ledger.getStoreBalances({ storeId }, stranger),
        'PERMISSION_DENIED',
        'ROLE_MISSING',
      );
      const none = { storeId: typeid('store').toString() };
      await rejectsWith(service.edge.ledger.getStoreBalances(none, stranger), 'NOT_FOUND', 'STORE_NOT_FOUND');
    });
  });

  describe('GetStoreStatement', () => {
    it('answers INVALID_ARGUMENT for a period that ends before it begins, or that no calendar has', async () => {
      const { storeId, options } = await openStore();
      const of = { storeId, currencyCode: 'EUR', pageSize: 0, pageToken: '' };
      for (const [fromTime, toTime] of [
        [new Date('2027-01-01'), new Date('2026-01-01')],
        [new Date('9999-12-31T23:59:59.999Z'), undefined],
        [undefined, new Date('-000001-01-01')],
      ]) {
        const call = service.edge.ledger.getStoreStatement({ ...of, fromTime, toTime }, options);
        await rejectsWith(call, 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
      }
    });

    it('walks a period page by page, with the balances at its ends', async () => {
      const { storeId, options } = await openStore();
      await sell(storeId, [1n, 2n]);
      const fromTime = await moment();
      await sell(storeId, [10n, 20n, 30n]);
      const toTime = await moment();
      await sell(storeId, [400n]);
      const seen: bigint[] = [];
      let pageToken = '';
      do {
        const request = { storeId, currencyCode: 'EUR', fromTime, toTime, pageSize: 2, pageToken };
        const page = await service.edge.ledger.getStoreStatement(request, options);
        assert.deepEqual([page.openingBalance?.amountMinor, page.closingBalance?.amountMinor], [3n, 63n]);
        seen.push(...page.entries.map(({ amount }) => amount?.amountMinor ?? 0n));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      assert.deepEqual(seen.toSorted(), [10n, 20n, 30n]);
    });

    it('answers INVALID_ARGUMENT for the page token of another period', async () => {
      const { storeId, options } = await openStore();
      await sell(storeId, [1n, 2n, 3n]);
      const whole = { fromTime: undefined, toTime: undefined };
      const request = { ...whole, storeId, currencyCode: 'EUR', pageSize: 1, pageToken: '' };
      const { nextPageToken: pageToken } = await service.edge.ledger.getStoreStatement(request, options);
      const other = { ...request, pageToken, toTime: new Date('2000-01-01') };
      await rejectsWith(
        service.edge.ledger.getStoreStatement(other, options),
        'INVALID_ARGUMENT',
        'PAGE_TOKEN_INVALID',
      );
    });
  });

  describe('GetAccountStatement', () => {
    it('shows operators any account, and answers NOT_FOUND for one that is not there', async () => {
      const { storeId } = await openStore();
      await sell(storeId, [5n]);
      const operator = as(await service.users.token(newUserId(), 'ledger:read'));
      const { accounts } = await service.edge.ledger.listAccounts({ owner: 'sandbox' }, operator);
      const accountId = accounts[0]?.accountId ?? '';
      const request = { accountId, fromTime: undefined, toTime: undefined, pageSize: 500, pageToken: '' };
      const { entries, account: found } = await service.edge.ledger.getAccountStatement(request, operator);
      assert.equal(found?.purpose, AccountPurpose.PROVIDER_CLEARING);
      assert.ok(entries.some(({ amount }) => amount?.amountMinor === -5n));
      const none = { ...request, accountId: accountIdOf(account('nobody', 'fees')) };
      await rejectsWith(service.edge.ledger.getAccountStatement(none, operator), 'NOT_FOUND', 'ACCOUNT_NOT_FOUND');
    });
  });

  describe('VerifyLedger', () => {
    it('finds nothing in a sound ledger, and whatever somebody changed behind its back', async () => {
      const { storeId } = await openStore();
      await sell(storeId, [70n]);
      const operator = as(await service.users.token(newUserId(), 'ledger:verify'));
      const sound = await service.edge.ledger.verifyLedger({}, operator);
      // What these tests moved is of no payment, which it says.
      const about = [{ subject: REFERENCE, detail: 'is no payment' }];
      assert.deepEqual(
        sound.faults.map(({ subject, detail }) => ({ subject, detail })),
        about,
      );
      assert.ok(sound.transferCount > 0n);
      const change = 'UPDATE ledger_balances SET posted_minor = posted_minor + ? WHERE owner = ? AND posted_minor <> 0';
      await service.sql(change, [1, storeId]);
      const { faults } = await service.edge.ledger.verifyLedger({}, operator);
      await service.sql(change, [-1, storeId]);
      const told = faults.map(({ subject, expectedMinor, actualMinor }) => ({ subject, expectedMinor, actualMinor }));
      const accountId = accountIdOf(account(storeId, 'store-payable'));
      assert.deepEqual(told.slice(0, -1), [
        { subject: 'EUR', expectedMinor: 0n, actualMinor: 1n },
        { subject: accountId, expectedMinor: 70n, actualMinor: 71n },
      ]);
    });

    it('answers PERMISSION_DENIED without the permission', async () => {
      const options = as(await service.users.token());
      await rejectsWith(service.edge.ledger.verifyLedger({}, options), 'PERMISSION_DENIED', 'PERMISSION_MISSING');
    });
  });

  async function openStore() {
    const userId = newUserId();
    return { storeId: service.stores.open(userId), options: as(await service.users.token(userId)) };
  }

  async function sell(storeId: string, amounts: readonly bigint[]): Promise<void> {
    for (const amountMinor of amounts) {
      const postings = [
        { account: clearing, amountMinor: -amountMinor },
        { account: account(storeId, 'store-payable'), amountMinor },
      ];
      const transfer = { transferId: newId(), kind: 'capture', reference: REFERENCE, postings };
      await service.onLedger((ledger) => ledger.post(transfer));
    }
  }

  /** A moment of the database between what was posted before and what is posted after. */
  async function moment(): Promise<Date> {
    await sleep(MOMENT_MS);
    const [row] = await service.sql<{ now: string }>('SELECT UTC_TIMESTAMP(3) AS now');
    await sleep(MOMENT_MS);
    return readTime(row?.now ?? '');
  }
});

function newId(): string {
  return derivedId('xfer', [typeid('run').toString()]);
}
