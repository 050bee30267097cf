import { DomainError } from '@malla/chassis/errors';
import { type BasketLine, checkLines, merged } from './basket.ts';
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

/** @throws DomainError `not-found` (RESERVATION_NOT_FOUND). */
export async function getReservation(
  reservationId: string,
  { reservations }: Pick<ReservationDeps, 'reservations'>,
): Promise<Reservation> {
  const reservation = await reservations.find(reservationId);
  if (!reservation) throw reservationNotFound();
  return reservation;
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

function causeOf({ reservationId }: Reservation, reason: 'reserved' | 'released' | 'expired' | 'sold', time: Date) {
  return { reason, actor: reservationId, note: '', time };
}

async function sameReservation(asked: Reservation, reservations: Reservations): Promise<Reservation> {
  const known = await reservations.find(asked.reservationId);
  const isMark = known?.state === 'released' && known.ownerId === '';
  const same = known?.ownerId === asked.ownerId && JSON.stringify(known.lines) === JSON.stringify(asked.lines);
  if (known && (isMark || same)) return known;
  throw new DomainError('already-exists', 'RESERVATION_MISMATCH', 'The id was used for another reservation.');
}

async function lockHeld(reservationId: string, reservations: Reservations): Promise<Reservation> {
  return requireHeld(await reservations.lock(reservationId));
}

function requireHeld(reservation: Reservation | undefined): Reservation {
  if (!reservation) throw reservationNotFound();
  if (reservation.state === 'held') return reservation;
  const metadata = { state: reservation.state };
  throw new DomainError('precondition', 'RESERVATION_ENDED', 'The reservation is not held any more.', { metadata });
}

export function reservationNotFound(): DomainError {
  return new DomainError('not-found', 'RESERVATION_NOT_FOUND', 'There is no such reservation.');
}
