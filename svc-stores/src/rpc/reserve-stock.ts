import type { UnaryHandler } from '@malla/chassis/unary';
import type { ReserveStockRequest, ReserveStockResponse } from '@malla/proto/malla/stores/v1/reservations_service';
import type { ReservationDeps } from '../domain/reservation.ts';
import { reserveStock } from '../domain/reserve-stock.ts';
import { toMs, toReservationMessage } from './reservation-mapper.ts';

export function reserveStockHandler(deps: ReservationDeps): UnaryHandler<ReserveStockRequest, ReserveStockResponse> {
  return async ({ lifetime, ...request }) => ({
    reservation: toReservationMessage(await reserveStock({ ...request, lifetimeMs: toMs(lifetime) }, deps)),
  });
}
