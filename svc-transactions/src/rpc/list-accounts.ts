import type { UnaryHandler } from '@malla/chassis/unary';
import type { ListAccountsRequest, ListAccountsResponse } from '@malla/proto/malla/transactions/v1/ledger_service';
import type { LedgerRpcDeps } from './deps.ts';
import { toAccountMessage } from './ledger-mapper.ts';

export function listAccountsHandler({
  statements,
}: LedgerRpcDeps): UnaryHandler<ListAccountsRequest, ListAccountsResponse> {
  return async ({ owner }) => ({ accounts: (await statements.list(owner)).map(toAccountMessage) });
}
