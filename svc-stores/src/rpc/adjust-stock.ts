import { userOf } from '@malla/chassis/context';
import { type IdempotencyOptions, idempotent } from '@malla/chassis/idempotency';
import { StockServiceService } from '@malla/proto/malla/stores/v1/stock_service';
import { type Adjusted, adjustStock, type ManageStockDeps } from '../domain/manage-stock.ts';
import { fromAdjustReason, toEntryMessage, toStockMessage } from './stock-mapper.ts';

export function adjustStockHandler(deps: ManageStockDeps & { readonly idempotency: IdempotencyOptions }) {
  return idempotent(StockServiceService.adjustStock, deps.idempotency, async (request, call, stored) => {
    const adjustment = { ...request, reason: fromAdjustReason(request.reason) };
    const once = { begin: stored.begin, finish: (adjusted: Adjusted) => stored.finish(toResponse(adjusted)) };
    return toResponse(await adjustStock(userOf(call).userId, adjustment, once, deps));
  });
}

function toResponse({ stock, entry }: Adjusted) {
  return { stock: toStockMessage(stock), entry: toEntryMessage(entry) };
}
