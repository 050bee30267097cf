import assert from 'node:assert/strict';
import { RequestContext } from '@mikro-orm/core';
import { createLedger } from '../../src/data/ledger/ledger.repository.ts';
import { createStatements } from '../../src/data/ledger/statements.ts';
import { createVerifyLedger } from '../../src/data/ledger/verify/verify.ts';
import { openOrm } from '../../src/data/orm.ts';
import { createTransact } from '../../src/data/transact.ts';
import type { Account, Purpose } from '../../src/domain/ledger/account.ts';
import { TestClock } from './clock.ts';
import { createDatabase } from './database.ts';

/** A ledger in a database of its own, without a service around it. */
export async function openTestLedger() {
  const database = await createDatabase();
  const orm = openOrm(database.url);
  const clock = new TestClock();
  const ledger = createLedger(orm, clock);
  const transact = createTransact(orm);
  const inContext = <Result>(work: () => Promise<Result>) => RequestContext.create(orm.em, work);
  const verify = () => inContext(createVerifyLedger(orm, undefined));
  return {
    orm,
    clock,
    ledger,
    statements: createStatements(orm),
    /** Runs work in a transaction of its own. */
    run: <Result>(work: () => Promise<Result>) => inContext(() => transact(work)),
    inContext,
    verify,
    /** Closes it, and then expects it to be sound. */
    close: async () => {
      const { faults } = await verify();
      await orm.close();
      await database.drop();
      assert.deepEqual(faults, []);
    },
  };
}

export type TestLedger = Awaited<ReturnType<typeof openTestLedger>>;

export function account(owner: string, purpose: Purpose, currencyCode = 'EUR'): Account {
  return { owner, purpose, currencyCode };
}
