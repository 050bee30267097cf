import { DomainError } from '@malla/chassis/errors';
import type { Handlers } from '@malla/chassis/implementation';
import { LineProblem } from '@malla/proto/malla/stores/v1/quote';
import { type BasketLine, ReservationState } from '@malla/proto/malla/stores/v1/reservation';
import type { ReservationsServiceService } from '@malla/proto/malla/stores/v1/reservations_service';
import { typeid } from 'typeid-js';

interface Variant {
  readonly storeId: string;
  readonly priceMinor: bigint;
  onHand: number;
  reserved: number;
  sold: number;
}

interface Kept {
  readonly lines: readonly BasketLine[];
  state: ReservationState;
}

type Method = 'quoteBasket' | 'reserveStock' | 'commitReservation' | 'releaseReservation' | 'returnStock';

/** The stock of a neighbour: reservations that are made, committed and released once, as svc-stores does. */
export interface FakeShelves {
  readonly handlers: Handlers<typeof ReservationsServiceService>;
  /** Puts a variant of 10.00 EUR on a shelf. @returns its id. */
  put(storeId: string, onHand: number, priceMinor?: bigint): string;
  variant(variantId: string): Variant;
  /** The next call of a method is done, and its answer is lost. */
  loseAnswer(method: Method): void;
  /** Something happens just before the next call of a method. */
  before(method: Method, work: () => Promise<void>): void;
  /** Lets every reservation expire. */
  expireAll(): void;
}

export function createFakeShelves(): FakeShelves {
  const variants = new Map<string, Variant>();
  const kept = new Map<string, Kept>();
  const returned = new Map<string, readonly BasketLine[]>();
  const lost = new Set<Method>();
  const befores = new Map<Method, () => Promise<void>>();
  const at = (variantId: string) => {
    const variant = variants.get(variantId);
    if (!variant) throw new DomainError('not-found', 'VARIANT_NOT_FOUND', 'no variant');
    return variant;
  };
  const end = (one: Kept, state: ReservationState) => {
    for (const { variantId, quantity } of one.lines) {
      const variant = at(variantId);
      variant.reserved -= quantity;
      if (state === ReservationState.COMMITTED) {
        variant.onHand -= quantity;
        variant.sold += quantity;
      }
    }
    one.state = state;
  };
  const reservation = ({ lines, state }: Kept, reservationId: string) => ({
    reservation: { reservationId, lines: [...lines], state, ownerId: '', expireTime: undefined, createTime: undefined },
  });
  const doing = async <Answer>(method: Method, work: () => Answer): Promise<Answer> => {
    const before = befores.get(method);
    befores.delete(method);
    await before?.();
    const answer = work();
    if (lost.delete(method)) throw new Error('the answer is lost');
    return answer;
  };
  const handlers = {
    quoteBasket: ({ lines }: { lines: BasketLine[] }) =>
      doing('quoteBasket', () => ({
        servable: true,
        lines: lines.map(({ variantId, quantity }) => {
          const { storeId, priceMinor, onHand, reserved } = at(variantId);
          const problem = onHand - reserved < quantity ? LineProblem.OUT_OF_STOCK : LineProblem.UNSPECIFIED;
          return {
            ...{ variantId, quantity, problem, availableQuantity: quantity, compareAt: undefined, weightGrams: 0 },
            ...{ productId: 'prod', productName: 'Hat', optionValues: ['M'], sku: 'HAT', taxClass: 'standard' },
            ...{ storeContactEmail: 'hats@shop.example', storeContactPhone: '', storeCountryCode: 'ES' },
            ...{
              storeLegalName: 'Hats S.L.',
              storePostalAddress: 'Calle Mayor 1\n28013 Madrid',
              storeTaxId: 'ESB12345678',
            },
            ...{ storeId, storeName: 'Hats', unitPrice: { currencyCode: 'EUR', amountMinor: priceMinor } },
          };
        }),
      })),
    reserveStock: ({ reservationId, lines }: { reservationId: string; lines: BasketLine[] }) =>
      doing('reserveStock', () => {
        const known = kept.get(reservationId);
        if (known) return reservation(known, reservationId);
        const short = lines.some(({ variantId, quantity }) => at(variantId).onHand - at(variantId).reserved < quantity);
        if (short) throw new DomainError('precondition', 'STOCK_INSUFFICIENT', 'short');
        for (const { variantId, quantity } of lines) at(variantId).reserved += quantity;
        const one = { lines, state: ReservationState.HELD };
        kept.set(reservationId, one);
        return reservation(one, reservationId);
      }),
    commitReservation: ({ reservationId }: { reservationId: string }) =>
      doing('commitReservation', () => {
        const one = kept.get(reservationId);
        if (!one) throw new DomainError('not-found', 'RESERVATION_NOT_FOUND', 'none');
        if (one.state === ReservationState.HELD) end(one, ReservationState.COMMITTED);
        if (one.state !== ReservationState.COMMITTED)
          throw new DomainError('precondition', 'RESERVATION_ENDED', 'over');
        return reservation(one, reservationId);
      }),
    releaseReservation: ({ reservationId }: { reservationId: string }) =>
      doing('releaseReservation', () => {
        const one = kept.get(reservationId) ?? { lines: [], state: ReservationState.RELEASED };
        kept.set(reservationId, one);
        if (one.state === ReservationState.COMMITTED)
          throw new DomainError('precondition', 'RESERVATION_COMMITTED', 'sold');
        if (one.state === ReservationState.HELD) end(one, ReservationState.RELEASED);
        return reservation(one, reservationId);
      }),
    returnStock: ({
      returnId,
      reservationId,
      lines,
    }: {
      returnId: string;
      reservationId: string;
      lines: BasketLine[];
    }) =>
      doing('returnStock', () => {
        const one = kept.get(reservationId);
        if (one?.state !== ReservationState.COMMITTED)
          throw new DomainError('precondition', 'RESERVATION_NOT_COMMITTED', 'not sold');
        const known = returned.get(returnId);
        if (known) return { lines: [...known] };
        const taken = lines.length > 0 ? lines : one.lines;
        returned.set(returnId, taken);
        for (const { variantId, quantity } of taken) {
          at(variantId).onHand += quantity;
          at(variantId).sold -= quantity;
        }
        return { lines: [...taken] };
      }),
    extendReservation: async () => ({ reservation: undefined }),
    getReservation: async () => ({ reservation: undefined }),
  } as unknown as Handlers<typeof ReservationsServiceService>;
  return {
    handlers,
    put: (storeId, onHand, priceMinor = 1_000n) => {
      const variantId = typeid('var').toString();
      variants.set(variantId, { storeId, priceMinor, onHand, reserved: 0, sold: 0 });
      return variantId;
    },
    variant: at,
    loseAnswer: (method) => void lost.add(method),
    before: (method, work) => void befores.set(method, work),
    expireAll: () => {
      for (const one of kept.values()) if (one.state === ReservationState.HELD) end(one, ReservationState.EXPIRED);
    },
  };
}
