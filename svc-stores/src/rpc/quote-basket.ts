import type { UnaryHandler } from '@malla/chassis/unary';
import type { QuoteBasketRequest, QuoteBasketResponse } from '@malla/proto/malla/stores/v1/reservations_service';
import type { Clock } from '../domain/clock.ts';
import { type Offers, quoteBasket } from '../domain/quote.ts';
import { toQuotedLineMessage } from './quote-mapper.ts';

export function quoteBasketHandler(deps: {
  offers: Offers;
  clock: Clock;
}): UnaryHandler<QuoteBasketRequest, QuoteBasketResponse> {
  return async ({ lines, currencyCode }) => {
    const quoted = await quoteBasket(lines, currencyCode, deps);
    const servable = quoted.every(({ problem }) => problem === undefined);
    return { lines: quoted.map(toQuotedLineMessage), servable };
  };
}
