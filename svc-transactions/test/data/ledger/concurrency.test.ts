import assert from 'node:assert/strict';
import { DomainError } from '@malla/chassis/errors';
import { TypeID, typeid } from 'typeid-js';
import { derivedId } from '../../../src/domain/ids.ts';
import { type Account, accountIdOf } from '../../../src/domain/ledger/account.ts';
import { account, openTestLedger, type TestLedger } from '../../support/ledger.ts';

/** Not a payment: those are compared with what the ledger says of them. */
const REFERENCE = typeid('run').toString();
const FAR = new Date('2100-01-01');
const clearing = account('sandbox', 'provider-clearing');

describe('Ledger, used by many at once', () => {
  let ledger: TestLedger;
  before(async () => {
    ledger = await openTestLedger();
  });
  afterEach(async () => assert.deepEqual((await ledger.verify()).faults, []));
  after(() => ledger.close());

  it('counts every transfer of an account that is in all of them', async () => {
    const stores = Array.from({ length: 10 }, () => account(owner(), 'store-payable'));
    const before = await posted(clearing);
    await Promise.all(Array.from({ length: 200 }, (_, at) => move(newId(), clearing, stores[at % 10] as Account, 7n)));
    assert.equal(await posted(clearing), before - 1_400n);
    for (const store of stores) assert.equal(await posted(store), 140n);
  });

  it('does not hold up one transfer of a sharded account for another', async () => {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const slow = ledger.run(async () => {
      await ledger.ledger.post(transfer(idEndingIn(0), clearing, account(owner(), 'store-payable'), 1n));
      reached.resolve();
      await released.promise;
    });
    await reached.promise;
    await move(idEndingIn(1), clearing, account(owner(), 'store-payable'), 1n);
    released.resolve();
    await slow;
  });

  it('lets no more leave an account than its floor allows', async () => {
    const [refunds, store] = [account(owner(), 'refunds'), account(owner(), 'store-payable')];
    await move(newId(), store, refunds, 100n);
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, () => outcome(move(newId(), refunds, clearing, 33n))),
    );
    assert.deepEqual(count(outcomes), { ok: 3, BALANCE_INSUFFICIENT: 27 });
    assert.equal(await posted(refunds), 1n);
  });

  it('uses a transfer id once', async () => {
    const store = account(owner(), 'store-payable');
    const id = newId();
    await Promise.all(Array.from({ length: 30 }, () => move(id, clearing, store, 5n)));
    assert.equal(await posted(store), 5n);
    assert.equal(await outcome(move(id, clearing, store, 6n)), 'TRANSFER_MISMATCH');
  });

  it('ends a pending transfer once, by whoever comes first', async () => {
    const store = account(owner(), 'store-payable');
    const pendingId = newId();
    const { transferId, kind, reference } = transfer(pendingId, clearing, store, 50n);
    const pending = { transferId, kind, reference, debit: clearing, credit: store, amountMinor: 50n, expireTime: FAR };
    await ledger.run(() => ledger.ledger.pend(pending));
    const ends = Array.from({ length: 20 }, (_, at) => {
      const end = { transferId: newId(), pendingId, kind: 'end' };
      return at % 2 ? ledger.ledger.voidPending.bind(null, end) : ledger.ledger.postPending.bind(null, end, 20n);
    });
    const outcomes = await Promise.all(ends.map((end) => outcome(ledger.run(end))));
    assert.deepEqual(count(outcomes), { ok: 1, PENDING_TRANSFER_ENDED: 19 });
    assert.ok([0n, 20n].includes(await posted(store)));
  });

  it('moves to and fro between the same accounts without a deadlock that anybody hears of', async () => {
    const [a, b] = [account(owner(), 'store-payable'), account(owner(), 'fees')];
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, at) => outcome(move(newId(), at % 2 ? a : b, at % 2 ? b : a, 3n))),
    );
    assert.deepEqual(count(outcomes), { ok: 100 });
    assert.equal(await posted(a), 0n);
  });

  const transfer = (transferId: string, from: Account, to: Account, amountMinor: bigint) => ({
    transferId,
    kind: 'test',
    reference: REFERENCE,
    postings: [
      { account: from, amountMinor: -amountMinor },
      { account: to, amountMinor },
    ],
  });

  function move(transferId: string, from: Account, to: Account, amountMinor: bigint): Promise<void> {
    return ledger.run(() => ledger.ledger.post(transfer(transferId, from, to, amountMinor)));
  }

  async function posted(of: Account): Promise<bigint> {
    return (await ledger.inContext(() => ledger.statements.find(accountIdOf(of))))?.postedMinor ?? 0n;
  }
});

function owner(): string {
  return typeid('store').toString();
}

function newId(): string {
  return derivedId('xfer', [typeid('run').toString()]);
}

/** The last byte of a transfer's id decides which row of a balance it changes. */
function idEndingIn(byte: number): string {
  const bytes = TypeID.fromString(newId(), 'xfer').toUUIDBytes();
  bytes[15] = byte;
  return TypeID.fromUUIDBytes('xfer', bytes).toString();
}

async function outcome(work: Promise<void>): Promise<string> {
  try {
    await work;
    return 'ok';
  } catch (error) {
    return error instanceof DomainError ? error.reason : String(error);
  }
}

function count(outcomes: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(Object.groupBy(outcomes, (one) => one)).map(([name, all]) => [name, all?.length ?? 0]),
  );
}
