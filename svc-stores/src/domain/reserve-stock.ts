import { DomainError } from '@malla/chassis/errors';
import { type BasketLine, checkLines, merged } from './basket.ts';
import { plus } from './clock.ts';
import {
  causeOf,
  LIFETIME_MS_DEFAULT,
  type Reservation,
  type ReservationDeps,
  type Reservations,
} from './reservation.ts';

/**
 * Keeps stock of several variants, all or nothing; once for each id. The reservation is written first and the stock locked
 * after it, in the order of the variants, and held for as short as can be.
 * @throws DomainError `precondition` (STORE_CLOSED, PRODUCT_NOT_PUBLISHED, STOCK_INSUFFICIENT), `not-found`
 *   (VARIANT_NOT_FOUND), `already-exists` (RESERVATION_MISMATCH).
 */
export async function reserveStock(
  request: { reservationId: string; ownerId: string; lines: readonly BasketLine[]; lifetimeMs: number | undefined },
  deps: ReservationDeps,
): Promise<Reservation> {
  const now = deps.clock.now();
  const reservation: Reservation = {
    reservationId: request.reservationId,
    ownerId: request.ownerId,
    lines: merged(request.lines),
    state: 'held',
    expireTime: plus(now, request.lifetimeMs ?? LIFETIME_MS_DEFAULT),
    createTime: now,
  };
  return deps.transact(async () => {
    if (!(await deps.reservations.add(reservation))) return sameReservation(reservation, deps.reservations);
    const locked = await deps.stockKeeping.lock(reservation.lines.map(({ variantId }) => variantId));
    checkLines(request.lines, reservation.lines, locked);
    const changes = reservation.lines.map(({ variantId, quantity }) => ({
      variantId,
      onHand: 0,
      reserved: quantity,
      sold: 0,
    }));
    await deps.stockKeeping.change(locked, changes, causeOf(reservation, 'reserved', now));
    return reservation;
  });
}

async function sameReservation(asked: Reservation, reservations: Reservations): Promise<Reservation> {
  const known = await reservations.find(asked.reservationId);
  const isMark = known?.state === 'released' && known.ownerId === '';
  const same = known?.ownerId === asked.ownerId && JSON.stringify(known.lines) === JSON.stringify(asked.lines);
  if (known && (isMark || same)) return known;
  throw new DomainError('already-exists', 'RESERVATION_MISMATCH', 'The id was used for another reservation.');
}
