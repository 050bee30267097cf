import { type Implementation, implement } from '@malla/chassis/implementation';
import { LedgerServiceService } from '@malla/proto/malla/transactions/v1/ledger_service';
import type { LedgerRpcDeps } from './deps.ts';
import { getAccountStatementHandler } from './get-account-statement.ts';
import { getStoreBalancesHandler } from './get-store-balances.ts';
import { getStoreStatementHandler } from './get-store-statement.ts';
import { listAccountsHandler } from './list-accounts.ts';
import { verifyLedgerHandler } from './verify-ledger.ts';

/** The handlers of every service, one file each. */
export function transactionsServices(deps: LedgerRpcDeps): Implementation[] {
  return [
    implement(LedgerServiceService, {
      getStoreBalances: getStoreBalancesHandler(deps),
      getStoreStatement: getStoreStatementHandler(deps),
      listAccounts: listAccountsHandler(deps),
      getAccountStatement: getAccountStatementHandler(deps),
      verifyLedger: verifyLedgerHandler(deps),
    }),
  ];
}
