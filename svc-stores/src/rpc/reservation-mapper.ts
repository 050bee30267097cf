import type { Duration } from '@malla/proto/google/protobuf/duration';
import {
  type Reservation as ReservationMessage,
  ReservationState as StateMessage,
} from '@malla/proto/malla/stores/v1/reservation';
import type { Reservation, ReservationState } from '../domain/reservation.ts';

const STATES: Readonly<Record<ReservationState, StateMessage>> = {
  held: StateMessage.HELD,
  committed: StateMessage.COMMITTED,
  released: StateMessage.RELEASED,
  expired: StateMessage.EXPIRED,
};

export function toReservationMessage(reservation: Reservation): ReservationMessage {
  const lines = reservation.lines.map(({ variantId, quantity }) => ({ variantId, quantity }));
  return { ...reservation, lines, state: STATES[reservation.state] };
}

/** A duration in milliseconds. */
export function toMs(duration: Duration | undefined): number | undefined {
  return duration && Number(duration.seconds) * 1000 + Math.floor(duration.nanos / 1e6);
}
