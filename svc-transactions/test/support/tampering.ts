import { RequestContext } from '@mikro-orm/core';
import { writeId } from '../../src/data/columns.ts';
import { createLedger } from '../../src/data/ledger/ledger.repository.ts';
import { createVerifyLedger } from '../../src/data/ledger/verify/verify.ts';
import { openOrm } from '../../src/data/orm.ts';
import { createTransact } from '../../src/data/transact.ts';
import { derivedId, newId } from '../../src/domain/ids.ts';
import type { Account } from '../../src/domain/ledger/account.ts';
import type { Ledger } from '../../src/domain/ledger/transfer.ts';
import type { LedgerFault } from '../../src/domain/ledger/verify.ts';
import type { TestService } from './service.ts';

const FAR = new Date('2100-01-01');

/** Somebody who changes the database behind the service's back. */
export interface Tamperer {
  sql(statement: string, ...parameters: unknown[]): Promise<unknown>;
  /** Moves money with all that belongs to it: balances, postings and the hash are as they should be. @returns the transfer's id. */
  move(kind: string, reference: string, from: Account, to: Account, amountMinor: bigint): Promise<string>;
  /** Holds money in the same way. */
  hold(kind: string, reference: string, from: Account, to: Account, amountMinor: bigint): Promise<string>;
}

/**
 * Tampers with the database of a service in a transaction that is rolled back.
 * @returns what the verification says before that.
 */
export async function faultsAfter(
  service: TestService,
  tamper: (tamperer: Tamperer) => Promise<unknown>,
): Promise<readonly LedgerFault[]> {
  const orm = openOrm(service.config.DATABASE_URL);
  const ledger = createLedger(orm, service.clock);
  const rollback = new Error('tampered with');
  let faults: readonly LedgerFault[] = [];
  const work = async () => {
    await tamper({ ...movesOf(ledger), sql: (statement, ...parameters) => orm.em.execute(statement, parameters) });
    ({ faults } = await createVerifyLedger(orm, 'sandbox')());
    throw rollback;
  };
  try {
    await RequestContext.create(orm.em, () => createTransact(orm)(work));
  } catch (error) {
    if (error !== rollback) throw error;
  } finally {
    await orm.close();
  }
  return faults;
}

function movesOf(ledger: Ledger): Pick<Tamperer, 'move' | 'hold'> {
  const someId = () => derivedId('xfer', [newId.event()]);
  return {
    move: async (kind, reference, from, to, amountMinor) => {
      const transferId = someId();
      const postings = [
        { account: from, amountMinor: -amountMinor },
        { account: to, amountMinor },
      ];
      await ledger.post({ transferId, kind, reference, postings });
      return transferId;
    },
    hold: async (kind, reference, debit, credit, amountMinor) => {
      const transferId = someId();
      await ledger.pend({ transferId, kind, reference, debit, credit, amountMinor, expireTime: FAR });
      return transferId;
    },
  };
}

/** The bytes of a transfer's id. */
export function transferBytes(transferId: string): Buffer {
  return writeId('xfer', transferId);
}
