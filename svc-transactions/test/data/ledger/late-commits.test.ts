import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { TypeID, typeid } from 'typeid-js';
import { derivedId } from '../../../src/domain/ids.ts';
import { readStoreStatement } from '../../../src/domain/ledger/statement.ts';
import { account, openTestLedger, type TestLedger } from '../../support/ledger.ts';

/** Longer than a transaction takes, and shorter than locks are waited for. */
const A_WHILE_MS = 300;
const HOUR_MS = 3_600_000;
const STORE = typeid('store').toString();
const payable = account(STORE, 'store-payable');
const fees = account('malla', 'fees');

describe('A statement', () => {
  let opened: TestLedger;
  beforeEach(async () => {
    opened = await openTestLedger();
  });
  afterEach(() => opened.close());

  it('waits for a transaction that has posted and not committed, the first one too', async () => {
    for (const balance of [1n, 2n]) {
      const late = postLate();
      await late.posted;
      const reading = read();
      assert.equal(await Promise.race([reading, sleep(A_WHILE_MS, 'waits')]), 'waits');
      late.commit();
      await late.done;
      assert.equal((await reading).closingMinor, balance);
    }
  });

  it('says the same of its period after transactions that were late for it', async () => {
    const [first, second] = [postLate(), postLate()];
    await Promise.race([first.posted, second.posted]);
    await sleep(A_WHILE_MS);
    const toTime = await databaseTime();
    const reading = read(toTime);
    await sleep(A_WHILE_MS);
    for (const late of [first, second]) late.commit();
    const reported = await reading;
    await Promise.all([first.done, second.done]);
    assert.deepEqual(await read(toTime), reported);
    assert.equal((await read()).closingMinor, 2n);
  });

  it('goes by the clock of the database, and not of the replica that posts', async () => {
    opened.clock.advance(-HOUR_MS);
    await post();
    await sleep(2);
    const toTime = await databaseTime();
    const reported = await read(toTime);
    await post();
    assert.deepEqual(await read(toTime), reported);
    assert.equal((await read()).closingMinor, 2n);
  });

  it('ends at what is settled, however late its period does', async () => {
    await post();
    const later = new Date(Date.now() + HOUR_MS);
    assert.equal((await read(later)).closingMinor, 1n);
    const { openingMinor, closingMinor } = await read(new Date(later.getTime() + HOUR_MS), later);
    assert.deepEqual([openingMinor, closingMinor], [1n, 1n]);
  });

  it('does not hold up who posts elsewhere while it waits', async () => {
    const late = postLate();
    await late.posted;
    const reading = read();
    await sleep(A_WHILE_MS);
    await post(1);
    late.commit();
    await Promise.all([reading, late.done]);
  });

  /** Reads the statement of what is owed to the store. */
  const read = (toTime?: Date, fromTime?: Date) => {
    const request = { fromTime, toTime, pageSize: 500, after: undefined };
    const deps = { ...opened, storeStaff: { requireStaff: async () => undefined, roleOf: async () => undefined } };
    return opened.inContext(() => readStoreStatement(STORE, 'EUR', request, deps));
  };

  /** Posts 1 to what is owed, and commits when it is let. All of them meet on one row of the balance. */
  function postLate() {
    const [posted, commit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const done = opened.run(async () => {
      await opened.ledger.post(transfer(0));
      posted.resolve();
      await commit.promise;
    });
    return { posted: posted.promise, commit: commit.resolve, done };
  }

  const post = (row = 0) => opened.run(() => opened.ledger.post(transfer(row)));

  async function databaseTime(): Promise<Date> {
    const [row] = await opened.orm.em.fork().execute<{ now: string }[]>('SELECT UTC_TIMESTAMP(3) AS now');
    return new Date(`${row?.now.replace(' ', 'T')}Z`);
  }
});

function transfer(row: number) {
  const postings = [
    { account: fees, amountMinor: -1n },
    { account: payable, amountMinor: 1n },
  ];
  return { transferId: idEndingIn(row), kind: 'capture', reference: typeid('run').toString(), postings };
}

/** An id of a transfer that changes the given row of each balance. */
function idEndingIn(row: number): string {
  const bytes = TypeID.fromString(derivedId('xfer', [typeid('run').toString()]), 'xfer').toUUIDBytes();
  bytes[15] = row;
  return TypeID.fromUUIDBytes('xfer', bytes).toString();
}
