import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  GetStoreStatementRequest,
  GetStoreStatementResponse,
} from '@malla/proto/malla/transactions/v1/ledger_service';
import { readStoreStatement } from '../domain/ledger/statement.ts';
import type { LedgerRpcDeps } from './deps.ts';
import { positionOf, statementList, toStatementMessage, toStatementRequest } from './ledger-mapper.ts';

export function getStoreStatementHandler(
  deps: LedgerRpcDeps,
): UnaryHandler<GetStoreStatementRequest, GetStoreStatementResponse> {
  return async (request) => {
    const { storeId, currencyCode } = request;
    const list = statementList(`${storeId} ${currencyCode}`, request);
    const wanted = toStatementRequest(list, request, deps.pageTokens);
    const statement = await readStoreStatement(storeId, currencyCode, wanted, deps);
    const nextPageToken = deps.pageTokens.write(list, positionOf(statement.next));
    return { ...toStatementMessage(statement, currencyCode), nextPageToken };
  };
}
