import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  ExtendReservationRequest,
  ExtendReservationResponse,
} from '@malla/proto/malla/stores/v1/reservations_service';
import { extendReservation, type ReservationDeps } from '../domain/reservation.ts';
import { toMs, toReservationMessage } from './reservation-mapper.ts';

export function extendReservationHandler(
  deps: ReservationDeps,
): UnaryHandler<ExtendReservationRequest, ExtendReservationResponse> {
  return async ({ reservationId, lifetime }) => ({
    reservation: toReservationMessage(await extendReservation(reservationId, toMs(lifetime), deps)),
  });
}
