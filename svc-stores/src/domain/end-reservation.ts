import { DomainError } from '@malla/chassis/errors';
import { causeOf, type Reservation, type ReservationDeps, type ReservationState, requireHeld } from './reservation.ts';

/**
 * Sells what is reserved, whatever became of its store and products: it is paid for. Again without effect.
 * @throws DomainError `not-found` or `precondition` (RESERVATION_ENDED).
 */
export async function commitReservation(reservationId: string, deps: ReservationDeps): Promise<Reservation> {
  return deps.transact(async () => {
    const known = await deps.reservations.lock(reservationId);
    if (known?.state === 'committed') return known;
    return end(requireHeld(known), 'committed', deps);
  });
}

/**
 * Gives back what is reserved; again without effect. Of an unknown id it makes a released reservation, so that a call to
 * reserve that was on its way keeps nothing.
 * @throws DomainError `precondition` (RESERVATION_COMMITTED).
 */
export async function releaseReservation(reservationId: string, deps: ReservationDeps): Promise<Reservation> {
  const now = deps.clock.now();
  return deps.transact(async () => {
    const mark: Reservation = {
      reservationId,
      ownerId: '',
      lines: [],
      state: 'released',
      expireTime: now,
      createTime: now,
    };
    const known = await deps.reservations.lock(reservationId);
    if (!known && (await deps.reservations.add(mark))) return mark;
    const reservation = known ?? (await deps.reservations.lock(reservationId)) ?? mark;
    if (reservation.state === 'committed') {
      throw new DomainError('precondition', 'RESERVATION_COMMITTED', 'What was reserved is sold.');
    }
    return reservation.state === 'held' ? end(reservation, 'released', deps) : reservation;
  });
}

/**
 * Returns the stock of one reservation whose time is over. One that fails is put off, so that it holds up no others.
 * @param failed is told of it.
 * @returns false when there was none.
 */
export async function expireOne(
  deps: ReservationDeps,
  failed: (reservationId: string, error: unknown) => void,
): Promise<boolean> {
  let found: Reservation | undefined;
  try {
    await deps.transact(async () => {
      found = await deps.reservations.lockExpired(deps.clock.now());
      if (found) await end(found, 'expired', deps);
    });
  } catch (error) {
    if (!found) throw error;
    failed(found.reservationId, error);
    await deps.reservations.putOff(found.reservationId, deps.clock.now());
  }
  return found !== undefined;
}

async function end(
  reservation: Reservation,
  state: Exclude<ReservationState, 'held'>,
  deps: ReservationDeps,
): Promise<Reservation> {
  const ended = { ...reservation, state };
  await deps.reservations.save(ended);
  const sells = state === 'committed';
  const locked = await deps.stockKeeping.lock(reservation.lines.map(({ variantId }) => variantId));
  const changes = reservation.lines.map(({ variantId, quantity }) => ({
    variantId,
    onHand: sells ? -quantity : 0,
    reserved: -quantity,
    sold: sells ? quantity : 0,
  }));
  await deps.stockKeeping.change(locked, changes, causeOf(reservation, sells ? 'sold' : state, deps.clock.now()));
  return ended;
}
