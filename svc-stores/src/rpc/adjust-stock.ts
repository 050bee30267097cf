import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { AdjustStockRequest, AdjustStockResponse } from '@malla/proto/malla/stores/v1/stock_service';
import { adjustStock, type ManageStockDeps } from '../domain/manage-stock.ts';
import { fromAdjustReason, toEntryMessage, toStockMessage } from './stock-mapper.ts';

export function adjustStockHandler(deps: ManageStockDeps): UnaryHandler<AdjustStockRequest, AdjustStockResponse> {
  return async (request, call) => {
    const adjustment = { ...request, reason: fromAdjustReason(request.reason) };
    const { stock, entry } = await adjustStock(userOf(call).userId, adjustment, deps);
    return { stock: toStockMessage(stock), entry: toEntryMessage(entry) };
  };
}
