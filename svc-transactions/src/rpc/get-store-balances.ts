import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  GetStoreBalancesRequest,
  GetStoreBalancesResponse,
} from '@malla/proto/malla/transactions/v1/ledger_service';
import { readStoreAccounts } from '../domain/ledger/statement.ts';
import type { LedgerRpcDeps } from './deps.ts';
import { toAccountMessage } from './ledger-mapper.ts';

export function getStoreBalancesHandler(
  deps: LedgerRpcDeps,
): UnaryHandler<GetStoreBalancesRequest, GetStoreBalancesResponse> {
  return async ({ storeId }) => ({ accounts: (await readStoreAccounts(storeId, deps)).map(toAccountMessage) });
}
