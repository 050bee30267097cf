import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  ReleaseReservationRequest,
  ReleaseReservationResponse,
} from '@malla/proto/malla/stores/v1/reservations_service';
import { releaseReservation } from '../domain/end-reservation.ts';
import type { ReservationDeps } from '../domain/reservation.ts';
import { toReservationMessage } from './reservation-mapper.ts';

export function releaseReservationHandler(
  deps: ReservationDeps,
): UnaryHandler<ReleaseReservationRequest, ReleaseReservationResponse> {
  return async ({ reservationId }) => ({
    reservation: toReservationMessage(await releaseReservation(reservationId, deps)),
  });
}
