import { openChannel } from '@malla/chassis/channel';
import { createClient } from '@malla/chassis/client';
import { isServiceError, readStatus } from '@malla/chassis/status';
import type { MeshTls } from '@malla/chassis/tls';
import type { Contract } from '@malla/proto/contract';
import { LineProblem, type QuotedLine } from '@malla/proto/malla/stores/v1/quote';
import { ReservationState } from '@malla/proto/malla/stores/v1/reservation';
import { ReservationsServiceService } from '@malla/proto/malla/stores/v1/reservations_service';
import type { OfferedLine, Stock } from '../domain/purchases/ports.ts';

/** There is nothing to reserve, and asking again does not change that. */
const NOT_FOR_SALE = ['STOCK_INSUFFICIENT', 'VARIANT_NOT_FOUND', 'STORE_CLOSED', 'PRODUCT_NOT_PUBLISHED'];
const PROBLEMS = new Map<number, string>(Object.entries(LineProblem).map(([name, number]) => [number, name]));

export function connectStock(contract: Contract, target: string, tls: MeshTls): Stock & { close(): void } {
  const channel = openChannel({ contract, service: 'svc-stores', target, tls });
  const client = createClient(channel, ReservationsServiceService, contract);
  return {
    quote: async (lines, currencyCode) =>
      (await client.quoteBasket({ lines: lines.map(toBasketLine), currencyCode })).lines.map(toOffer),
    reserve: async (reservationId, ownerId, lines, lifetimeMs) => {
      const lifetime = { seconds: BigInt(Math.ceil(lifetimeMs / 1_000)), nanos: 0 };
      const request = { reservationId, ownerId, lines: lines.map(toBasketLine), lifetime };
      const answer = await unless(NOT_FOR_SALE, client.reserveStock(request));
      const state = answer?.reservation?.state;
      return state === ReservationState.HELD || state === ReservationState.COMMITTED;
    },
    commit: async (reservationId) => {
      const reasons = ['RESERVATION_ENDED', 'RESERVATION_NOT_FOUND'];
      return (await unless(reasons, client.commitReservation({ reservationId }))) !== undefined;
    },
    release: async (reservationId) =>
      (await unless(['RESERVATION_COMMITTED'], client.releaseReservation({ reservationId }))) !== undefined,
    takeBack: async (returnId, reservationId, lines) =>
      void (await client.returnStock({ returnId, reservationId, lines: lines.map(toBasketLine) })),
    close: () => channel.close(),
  };
}

/** What a call answers; undefined when it is refused for one of some reasons. @throws ServiceError for all others. */
async function unless<Answer>(reasons: readonly string[], call: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isServiceError(error) && reasons.includes(readStatus(error).reason ?? '')) return undefined;
    throw error;
  }
}

function toBasketLine({ variantId, quantity }: { readonly variantId: string; readonly quantity: number }) {
  return { variantId, quantity };
}

function toOffer({ problem, unitPrice, ...line }: QuotedLine): OfferedLine {
  const { variantId, quantity, productId, productName, optionValues, sku, taxClass, storeId, storeName } = line;
  return {
    ...{ variantId, quantity, productId, productName, optionValues, sku, taxClass, storeId, storeName },
    storeContact: {
      email: line.storeContactEmail,
      phone: line.storeContactPhone,
      countryCode: line.storeCountryCode,
      legalName: line.storeLegalName,
      postalAddress: line.storePostalAddress,
      taxId: line.storeTaxId,
    },
    problem: problem === LineProblem.UNSPECIFIED ? '' : (PROBLEMS.get(problem) ?? 'UNKNOWN'),
    currencyCode: unitPrice?.currencyCode ?? '',
    unitPriceMinor: unitPrice?.amountMinor ?? 0n,
  };
}
