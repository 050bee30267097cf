import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  CommitReservationRequest,
  CommitReservationResponse,
} from '@malla/proto/malla/stores/v1/reservations_service';
import { commitReservation } from '../domain/end-reservation.ts';
import type { ReservationDeps } from '../domain/reservation.ts';
import { toReservationMessage } from './reservation-mapper.ts';

export function commitReservationHandler(
  deps: ReservationDeps,
): UnaryHandler<CommitReservationRequest, CommitReservationResponse> {
  return async ({ reservationId }) => ({
    reservation: toReservationMessage(await commitReservation(reservationId, deps)),
  });
}
