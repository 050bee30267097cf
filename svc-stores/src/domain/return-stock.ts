import { DomainError } from '@malla/chassis/errors';
import { type BasketLine, merged } from './basket.ts';
import { type Reservation, type ReservationDeps, reservationNotFound } from './reservation.ts';

/** Stock that was sold by a reservation and came back. */
export interface StockReturn {
  readonly returnId: string;
  readonly reservationId: string;
  /** Each variant once. */
  readonly lines: readonly BasketLine[];
}

export interface StockReturns {
  find(returnId: string): Promise<StockReturn | undefined>;
  /** All returns of a reservation. */
  listOf(reservationId: string): Promise<StockReturn[]>;
  add(stockReturn: StockReturn, time: Date): Promise<void>;
}

/**
 * Takes back what a reservation sold, or a part of it; once for each return id. The reservation's lock sees to it that its
 * returns come one after another.
 * @param lines none for all that was not taken back before.
 * @throws DomainError `not-found` (RESERVATION_NOT_FOUND), `precondition` (RESERVATION_NOT_COMMITTED, RETURN_TOO_LARGE),
 *   `already-exists` (RETURN_MISMATCH).
 */
export async function returnStock(
  { returnId, reservationId, lines }: StockReturn,
  deps: ReservationDeps & { readonly stockReturns: StockReturns },
): Promise<StockReturn> {
  return deps.transact(async () => {
    const reservation = await deps.reservations.lock(reservationId);
    if (!reservation) throw reservationNotFound();
    const known = await deps.stockReturns.find(returnId);
    if (known) return sameReturn(known, reservationId, lines);
    if (reservation.state !== 'committed') throw notCommitted(reservation);
    const left = leftOf(reservation, await deps.stockReturns.listOf(reservationId));
    checkLeft(lines, left);
    const all = [...left].map(([variantId, quantity]) => ({ variantId, quantity }));
    const taken = merged(lines.length > 0 ? lines : all).filter(({ quantity }) => quantity > 0);
    const made = { returnId, reservationId, lines: taken };
    const time = deps.clock.now();
    await deps.stockReturns.add(made, time);
    const locked = await deps.stockKeeping.lock(taken.map(({ variantId }) => variantId));
    const changes = taken.map(({ variantId, quantity }) => ({
      variantId,
      onHand: quantity,
      reserved: 0,
      sold: -quantity,
    }));
    await deps.stockKeeping.change(locked, changes, { reason: 'returned', actor: returnId, note: '', time });
    return made;
  });
}

/** What was sold and did not come back yet, by variant. */
function leftOf({ lines }: Reservation, returns: readonly StockReturn[]): Map<string, number> {
  const left = new Map(lines.map(({ variantId, quantity }) => [variantId, quantity]));
  for (const { variantId, quantity } of returns.flatMap((one) => one.lines)) {
    left.set(variantId, (left.get(variantId) ?? 0) - quantity);
  }
  return left;
}

function checkLeft(asked: readonly BasketLine[], left: ReadonlyMap<string, number>): void {
  const sums = new Map(merged(asked).map(({ variantId, quantity }) => [variantId, quantity]));
  const fields = asked.flatMap(({ variantId }, at) => {
    const most = left.get(variantId) ?? 0;
    if ((sums.get(variantId) ?? 0) <= most) return [];
    return [{ field: `lines[${at}].quantity`, reason: 'RETURN_TOO_LARGE', description: `must be at most ${most}` }];
  });
  if (fields.length === 0) return;
  throw new DomainError('precondition', 'RETURN_TOO_LARGE', 'More would come back than was sold.', { fields });
}

function sameReturn(known: StockReturn, reservationId: string, lines: readonly BasketLine[]): StockReturn {
  const same = lines.length === 0 || JSON.stringify(known.lines) === JSON.stringify(merged(lines));
  if (known.reservationId === reservationId && same) return known;
  throw new DomainError('already-exists', 'RETURN_MISMATCH', 'The id of the return was used for another one.');
}

function notCommitted({ state }: Reservation): DomainError {
  const message = 'What was reserved is not sold.';
  return new DomainError('precondition', 'RESERVATION_NOT_COMMITTED', message, { metadata: { state } });
}
