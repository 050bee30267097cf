import assert from 'node:assert/strict';
import { DomainError } from '@malla/chassis/errors';
import fc from 'fast-check';
import { typeid } from 'typeid-js';
import { derivedId } from '../../../src/domain/ids.ts';
import { type Account, accountIdOf } from '../../../src/domain/ledger/account.ts';
import { AMOUNT_MINOR_MAX, type Ledger } from '../../../src/domain/ledger/transfer.ts';
import { account, openTestLedger, type TestLedger } from '../../support/ledger.ts';
import { LedgerModel, type Operation, type Outcome } from '../../support/ledger-model.ts';

const RUNS = 100;
const EXPIRY_MS = 1_000;

describe('Ledger, against a model', () => {
  let ledger: TestLedger;
  before(async () => {
    ledger = await openTestLedger();
  });
  after(() => ledger.close());

  it('agrees after any sequence of operations, valid or not, and verifies', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation(), { maxLength: 30, size: 'max' }), async (operations) => {
        const run = typeid('run').toString();
        const model = new LedgerModel();
        for (const one of operations) {
          const own = inRun(one, run);
          const expected = model.apply(own);
          assert.equal(
            await outcomeOf(own, run),
            expected,
            JSON.stringify(one, (_, v) => (typeof v === 'bigint' ? `${v}` : v)),
          );
        }
        for (const [id, { posted, debits, credits }] of model.balances) {
          const found = await ledger.inContext(() => ledger.statements.find(id));
          const is = [found?.postedMinor, found?.pendingDebitsMinor, found?.pendingCreditsMinor];
          assert.deepEqual(is, [posted, debits, credits]);
        }
      }),
      { numRuns: RUNS },
    );
    assert.deepEqual((await ledger.verify()).faults, []);
  });

  async function outcomeOf(operation: Operation, run: string): Promise<Outcome> {
    if (operation.do === 'expire') {
      ledger.clock.advance(EXPIRY_MS);
      while (await ledger.run(() => ledger.ledger.expireOne(ledger.clock.now())));
      return 'ok';
    }
    try {
      await ledger.run(() => perform(operation, run));
      return 'ok';
    } catch (error) {
      if (error instanceof DomainError) return error.reason as Outcome;
      throw error;
    }
  }

  function perform(operation: Exclude<Operation, { do: 'expire' }>, run: string): ReturnType<Ledger['post']> {
    const idOf = (number: number) => derivedId('xfer', [run, String(number)]);
    const common = { transferId: idOf(operation.id), kind: 'test', reference: run };
    switch (operation.do) {
      case 'post':
        return ledger.ledger.post({ ...common, postings: operation.postings });
      case 'pend': {
        const { debit, credit, amount: amountMinor } = operation;
        const expireTime = new Date(ledger.clock.now().getTime() + EXPIRY_MS);
        return ledger.ledger.pend({ ...common, debit, credit, amountMinor, expireTime });
      }
      case 'postPending':
        return ledger.ledger.postPending({ ...common, pendingId: idOf(operation.pending) }, operation.amount);
      case 'voidPending':
        return ledger.ledger.voidPending({ ...common, pendingId: idOf(operation.pending) });
    }
  }
});

const ACCOUNTS: readonly Account[] = [
  account('a', 'store-payable'),
  account('a', 'refunds'),
  account('b', 'disputes'),
  account('sandbox', 'provider-clearing'),
  account('u', 'customer-receivable'),
  account('a', 'refunds', 'JPY'),
  account('a', 'store-payable', 'JPY'),
];

/** Accounts of one run are nobody else's. */
function inRun(operation: Operation, run: string): Operation {
  const own = ({ owner, ...rest }: Account) => ({ ...rest, owner: `${run}-${owner}` });
  if (operation.do === 'post') {
    return { ...operation, postings: operation.postings.map((one) => ({ ...one, account: own(one.account) })) };
  }
  return operation.do === 'pend'
    ? { ...operation, debit: own(operation.debit), credit: own(operation.credit) }
    : operation;
}

function operation(): fc.Arbitrary<Operation> {
  const id = fc.nat(12);
  const some = fc.constantFrom(...ACCOUNTS);
  const amount = fc.oneof(
    { weight: 9, arbitrary: fc.bigInt(1n, 30n) },
    { weight: 1, arbitrary: fc.constantFrom(0n, -5n, AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX + 1n) },
  );
  const pair = fc.tuple(some, some, amount).map(([from, to, minor]) => [
    { account: from, amountMinor: -minor },
    { account: to, amountMinor: minor },
  ]);
  const three = fc.tuple(fc.uniqueArray(some, { minLength: 3, maxLength: 3, selector: accountIdOf }), amount, amount);
  const triple = three.map(([accounts, first, second]) =>
    accounts.map((one, at) => ({ account: one, amountMinor: [-(first + second), first, second][at] ?? 0n })),
  );
  const unbalanced = fc.array(fc.record({ account: some, amountMinor: amount }), { maxLength: 3 });
  const postings = fc.oneof({ weight: 6, arbitrary: pair }, { weight: 3, arbitrary: triple }, unbalanced);
  return fc.oneof(
    fc.record({ do: fc.constant('post' as const), id, postings }),
    fc.record({ do: fc.constant('pend' as const), id, debit: some, credit: some, amount }),
    fc.record({
      do: fc.constant('postPending' as const),
      id,
      pending: id,
      amount: fc.option(amount, { nil: undefined }),
    }),
    fc.record({ do: fc.constant('voidPending' as const), id, pending: id }),
    fc.constant({ do: 'expire' as const }),
  );
}
