import type { UnaryHandler } from '@malla/chassis/unary';
import type { ReturnStockRequest, ReturnStockResponse } from '@malla/proto/malla/stores/v1/reservations_service';
import type { ReservationDeps } from '../domain/reservation.ts';
import { returnStock, type StockReturns } from '../domain/return-stock.ts';

export function returnStockHandler(
  deps: ReservationDeps & { readonly stockReturns: StockReturns },
): UnaryHandler<ReturnStockRequest, ReturnStockResponse> {
  return async (request) => {
    const { lines } = await returnStock(request, deps);
    return { lines: lines.map(({ variantId, quantity }) => ({ variantId, quantity })) };
  };
}
