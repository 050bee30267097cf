import { DomainError } from '@malla/chassis/errors';
import type { BasketLine } from './basket.ts';
import { type Clock, plus } from './clock.ts';
import type { Transact } from './ports.ts';
import type { StockKeeping } from './stock.ts';

export type ReservationState = 'held' | 'committed' | 'released' | 'expired';

/** Stock that is kept for an order. */
export interface Reservation {
  readonly reservationId: string;
  readonly ownerId: string;
  /** Each variant once. */
  readonly lines: readonly BasketLine[];
  readonly state: ReservationState;
  readonly expireTime: Date;
  readonly createTime: Date;
}

export interface Reservations {
  find(reservationId: string): Promise<Reservation | undefined>;
  /** Finds and locks, within a transaction. */
  lock(reservationId: string): Promise<Reservation | undefined>;
  /** @returns false when the id is taken, once whoever takes it has committed. */
  add(reservation: Reservation): Promise<boolean>;
  save(reservation: Reservation): Promise<void>;
  /** Locks the held reservation that expired first, passing over those that others have locked. */
  lockExpired(now: Date): Promise<Reservation | undefined>;
  /** Keeps a held reservation that could not be given back for a while longer, each time longer than before. */
  putOff(reservationId: string, now: Date): Promise<void>;
}

export interface ReservationDeps {
  readonly transact: Transact;
  readonly reservations: Reservations;
  readonly stockKeeping: StockKeeping;
  readonly clock: Clock;
}

export const LIFETIME_MS_DEFAULT = 15 * 60_000;

/** Gives a held reservation a new lifetime. @throws DomainError `not-found` or `precondition` (RESERVATION_ENDED). */
export async function extendReservation(
  reservationId: string,
  lifetimeMs: number | undefined,
  deps: ReservationDeps,
): Promise<Reservation> {
  return deps.transact(async () => {
    const reservation = await lockHeld(reservationId, deps.reservations);
    const expireTime = plus(deps.clock.now(), lifetimeMs ?? LIFETIME_MS_DEFAULT);
    if (expireTime <= reservation.expireTime) return reservation;
    const extended = { ...reservation, expireTime };
    await deps.reservations.save(extended);
    return extended;
  });
}

/** @throws DomainError `not-found` (RESERVATION_NOT_FOUND). */
export async function getReservation(
  reservationId: string,
  { reservations }: Pick<ReservationDeps, 'reservations'>,
): Promise<Reservation> {
  const reservation = await reservations.find(reservationId);
  if (!reservation) throw reservationNotFound();
  return reservation;
}

/** Why stock changes, as its log says. */
export function causeOf(
  { reservationId }: Reservation,
  reason: 'reserved' | 'released' | 'expired' | 'sold',
  time: Date,
) {
  return { reason, actor: reservationId, note: '', time };
}

async function lockHeld(reservationId: string, reservations: Reservations): Promise<Reservation> {
  return requireHeld(await reservations.lock(reservationId));
}

/** @throws DomainError `not-found` (RESERVATION_NOT_FOUND), `precondition` (RESERVATION_ENDED). */
export function requireHeld(reservation: Reservation | undefined): Reservation {
  if (!reservation) throw reservationNotFound();
  if (reservation.state === 'held') return reservation;
  const metadata = { state: reservation.state };
  throw new DomainError('precondition', 'RESERVATION_ENDED', 'The reservation is not held any more.', { metadata });
}

export function reservationNotFound(): DomainError {
  return new DomainError('not-found', 'RESERVATION_NOT_FOUND', 'There is no such reservation.');
}
