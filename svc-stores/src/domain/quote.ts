import { isCurrentCurrency } from '@malla/chassis/currencies';
import type { BasketLine } from './basket.ts';
import type { Clock } from './clock.ts';
import { type Price, priceInForce } from './price.ts';
import type { ProductState } from './product.ts';
import type { StoreState } from './store.ts';

export type LineProblem = 'not-found' | 'not-published' | 'store-closed' | 'no-price' | 'out-of-stock';

/** What selling a variant needs to know of it. */
export interface Offer {
  readonly variantId: string;
  readonly productId: string;
  readonly productName: string;
  readonly productState: ProductState;
  readonly optionValues: readonly string[];
  readonly sku: string;
  readonly prices: readonly Price[];
  readonly weightGrams: number;
  readonly taxClass: string;
  readonly storeId: string;
  readonly storeName: string;
  readonly storeState: StoreState;
  readonly storeContact: StoreContact;
  readonly currencyCode: string;
  readonly available: number;
}

/** How customers reach a store, and whose it is. Each is empty when the store has said none. */
export interface StoreContact {
  readonly email: string;
  readonly phone: string;
  readonly countryCode: string;
  readonly legalName: string;
  readonly postalAddress: string;
  readonly taxId: string;
}

export interface Offers {
  /** The offers of some variants, in any order. */
  find(variantIds: readonly string[]): Promise<Offer[]>;
}

/** What a line costs, and whether it can be served. */
export interface QuotedLine {
  readonly line: BasketLine;
  readonly offer: Offer | undefined;
  readonly price: Price | undefined;
  readonly problem: LineProblem | undefined;
}

/** Quotes a basket: in the given currency, or with an empty one in each store's own. */
export async function quoteBasket(
  lines: readonly BasketLine[],
  currencyCode: string,
  { offers, clock }: { readonly offers: Offers; readonly clock: Clock },
): Promise<QuotedLine[]> {
  const found = await offers.find([...new Set(lines.map(({ variantId }) => variantId))]);
  // A draft is not public: customers hear of it what they hear of no variant.
  const shown = found.filter(({ productState }) => productState !== 'draft');
  const byId = new Map(shown.map((offer) => [offer.variantId, offer]));
  const asked = new Map<string, number>();
  for (const { variantId, quantity } of lines) asked.set(variantId, (asked.get(variantId) ?? 0) + quantity);
  const now = clock.now();
  return lines.map((line) => {
    const offer = byId.get(line.variantId);
    const currency = currencyCode || (offer?.currencyCode ?? '');
    // Nothing is sold for money that has ended.
    const price = offer && isCurrentCurrency(currency) ? priceInForce(offer.prices, currency, now) : undefined;
    return { line, offer, price, problem: problemOf(offer, price, asked.get(line.variantId) ?? line.quantity) };
  });
}

function problemOf(offer: Offer | undefined, price: Price | undefined, quantity: number): LineProblem | undefined {
  if (!offer) return 'not-found';
  if (offer.storeState !== 'open') return 'store-closed';
  if (offer.productState !== 'published') return 'not-published';
  if (!price) return 'no-price';
  return offer.available < quantity ? 'out-of-stock' : undefined;
}
