import { currentCall } from '@malla/chassis/context';
import { answeredWithin } from '@malla/chassis/mysql-silence';
import { IsolationLevel } from '@mikro-orm/core';
import { createFaults, type VerifyLedger } from '../../../domain/ledger/verify.ts';
import type { Orm } from '../../orm.ts';
import { LEDGER_CHECKS, PAYMENT_CHECKS, runChecks } from './checks.ts';
import { verifyPayments } from './payments.ts';
import { verifyTransfers } from './transfers.ts';

/** A sum over a whole ledger may take so long. */
const ANSWER_MS_MAX = 600_000;

/**
 * Looks at the whole ledger, and at the payments that a provider has the money of. Every query sees it as it was when the first one began: money and
 * payments change in one transaction, so what is under way is either all there or not at all, and is no fault.
 *
 * The time it takes grows with the ledger, and its memory does not: balances are added up by MySQL, transfers and payments are
 * read a page at a time by their keys, each page being one piece of work between which others have their turn. It locks
 * nothing; MySQL keeps what is overwritten meanwhile. README.md says how long it takes.
 * @param provider undefined for a ledger alone, whose transfers are of no payments.
 */
export function createVerifyLedger({ em }: Orm, provider: string | undefined): VerifyLedger {
  const verify = (signal: AbortSignal | undefined) =>
    em.transactional(
      async () => {
        const faults = createFaults();
        await runChecks(em, LEDGER_CHECKS, faults);
        const transferCount = await verifyTransfers(em, faults, signal);
        if (provider !== undefined) {
          await runChecks(em, PAYMENT_CHECKS, faults);
          await verifyPayments(em, provider, faults, signal);
        }
        return { faults: faults.list, transferCount };
      },
      { isolationLevel: IsolationLevel.REPEATABLE_READ, readOnly: true, clear: true },
    );
  return (signal = currentCall()?.signal) => answeredWithin(ANSWER_MS_MAX, () => verify(signal));
}
