import type { PageTokens } from '../crypto/page-tokens.ts';
import type { StoreLedgerDeps } from '../domain/ledger/statement.ts';
import type { VerifyLedger } from '../domain/ledger/verify.ts';

/** What the handlers of the ledger need. */
export interface LedgerRpcDeps extends StoreLedgerDeps {
  readonly verifyLedger: VerifyLedger;
  readonly pageTokens: PageTokens;
}
