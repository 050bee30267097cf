import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { BatchGetStockRequest, BatchGetStockResponse } from '@malla/proto/malla/stores/v1/stock_service';
import { batchGetStock, type ManageStockDeps } from '../domain/manage-stock.ts';
import { toStockMessage } from './stock-mapper.ts';

export function batchGetStockHandler(
  deps: Pick<ManageStockDeps, 'stockQueries'>,
): UnaryHandler<BatchGetStockRequest, BatchGetStockResponse> {
  return async ({ variantIds }, call) => ({
    stock: (await batchGetStock(userOf(call).userId, variantIds, deps)).map(toStockMessage),
  });
}
