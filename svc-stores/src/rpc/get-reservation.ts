import type { UnaryHandler } from '@malla/chassis/unary';
import type { GetReservationRequest, GetReservationResponse } from '@malla/proto/malla/stores/v1/reservations_service';
import { getReservation, type ReservationDeps } from '../domain/reservation.ts';
import { toReservationMessage } from './reservation-mapper.ts';

export function getReservationHandler(
  deps: Pick<ReservationDeps, 'reservations'>,
): UnaryHandler<GetReservationRequest, GetReservationResponse> {
  return async ({ reservationId }) => ({
    reservation: toReservationMessage(await getReservation(reservationId, deps)),
  });
}
