import assert from 'node:assert/strict';
import { type Account, accountIdOf } from '../../../src/domain/ledger/account.ts';
import { AMOUNT_MINOR_MAX, checkTransfer } from '../../../src/domain/ledger/transfer.ts';

const [a, b] = [account('store_a', 'EUR'), account('store_b', 'EUR')];

describe('checkTransfer', () => {
  it('takes postings that add up to zero', () => {
    checkTransfer({ postings: [posting(a, -5n), posting(b, 5n)] });
  });

  const bad: readonly [string, readonly ReturnType<typeof posting>[]][] = [
    ['a single posting', [posting(a, 0n)]],
    ['postings that do not add up', [posting(a, -5n), posting(b, 6n)]],
    ['an amount of nothing', [posting(a, 0n), posting(b, 0n)]],
    ['an amount that is too large', [posting(a, -AMOUNT_MINOR_MAX - 1n), posting(b, AMOUNT_MINOR_MAX + 1n)]],
    ['an account that stands twice', [posting(a, -5n), posting({ ...a }, 5n)]],
    ['two currencies', [posting(a, -5n), posting(account('store_b', 'USD'), 5n)]],
  ];
  for (const [name, postings] of bad) {
    it(`refuses ${name} with TRANSFER_INVALID`, () => {
      assert.throws(() => checkTransfer({ postings }), { reason: 'TRANSFER_INVALID' });
    });
  }
});

describe('accountIdOf', () => {
  it('is the same for the same account, and another for each owner, purpose and currency', () => {
    const others = [b, account('store_a', 'USD'), { ...a, purpose: 'refunds' as const }];
    assert.equal(accountIdOf(a), accountIdOf({ ...a }));
    assert.equal(new Set([a, ...others].map(accountIdOf)).size, 4);
  });
});

function account(owner: string, currencyCode: string): Account {
  return { owner, purpose: 'store-payable', currencyCode };
}

function posting(of: Account, amountMinor: bigint) {
  return { account: of, amountMinor };
}
