import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  GetAccountStatementRequest,
  GetAccountStatementResponse,
} from '@malla/proto/malla/transactions/v1/ledger_service';
import { readAccountStatement } from '../domain/ledger/statement.ts';
import type { LedgerRpcDeps } from './deps.ts';
import {
  positionOf,
  statementList,
  toAccountMessage,
  toStatementMessage,
  toStatementRequest,
} from './ledger-mapper.ts';

export function getAccountStatementHandler(
  deps: LedgerRpcDeps,
): UnaryHandler<GetAccountStatementRequest, GetAccountStatementResponse> {
  return async (request) => {
    const list = statementList(request.accountId, request);
    const wanted = toStatementRequest(list, request, deps.pageTokens);
    const { account, ...statement } = await readAccountStatement(request.accountId, wanted, deps);
    return {
      account: toAccountMessage(account),
      ...toStatementMessage(statement, account.currencyCode),
      nextPageToken: deps.pageTokens.write(list, positionOf(statement.next)),
    };
  };
}
