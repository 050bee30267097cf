import { randomBytes } from 'node:crypto';
import { SearchOrder } from '@malla/proto/malla/stores/v1/catalog';
import { SearchProductsRequest } from '@malla/proto/malla/stores/v1/search';
import type { Clients } from './instance.ts';
import type { Sample } from './sample.ts';

/** Something that is asked of a catalogue. */
export interface Operation {
  readonly name: string;
  /** How many times as long it may take in the largest catalogue as in the smallest; undefined where nothing is promised. */
  readonly growthMax: number | undefined;
  /** Prepares one request. @returns how to make it, and how to undo it; undefined where the catalogue has no such thing. */
  prepare(clients: Clients, sample: Sample): { ask: () => Promise<unknown>; undo?: () => Promise<unknown> } | undefined;
}

const LINES_MAX = 3;

const search = (
  name: string,
  growthMax: number | undefined,
  fields: (sample: Sample) => Partial<SearchProductsRequest>,
) => ({
  name: `search: ${name}`,
  growthMax,
  prepare: ({ catalog }: Clients, sample: Sample) => {
    const request = SearchProductsRequest.create({ pageSize: 20, ...fields(sample) });
    return { ask: () => catalog.searchProducts(request) };
  },
});

const byRelevance = (query: string, sample: Sample) => ({ query, tags: [pick(sample.tags)], inStock: true });

export const OPERATIONS: readonly Operation[] = [
  {
    name: 'get: GetProduct',
    growthMax: 1.3,
    prepare: ({ catalog }, { productIds }) => ({ ask: () => catalog.getProduct({ productId: pick(productIds) }) }),
  },
  {
    name: 'list: ListProducts, 20',
    growthMax: 1.3,
    prepare: ({ catalog }, { storeIds }) => ({
      ask: () => catalog.listProducts({ storeId: pick(storeIds), pageSize: 20, pageToken: '' }),
    }),
  },
  {
    name: 'reserve: ReserveStock, 1 to 3 lines',
    growthMax: 1.3,
    prepare: ({ reservations }, { variantIds }) => {
      const reservationId = newReservationId();
      const lines = Array.from({ length: 1 + Math.floor(Math.random() * LINES_MAX) }, () => ({
        variantId: pick(variantIds),
        quantity: 1,
      }));
      return {
        ask: () => reservations.reserveStock({ reservationId, ownerId: 'bench', lines, lifetime: undefined }),
        undo: () => reservations.releaseReservation({ reservationId }),
      };
    },
  },
  search('tag and colour, newest first', 3, ({ tags, attributes }) => ({
    tags: [pick(tags)],
    attributes: [pick(attributes)],
  })),
  search('category and in stock, cheapest first', 3, ({ categoryIds }) => ({
    categoryId: pick(categoryIds),
    inStock: true,
    order: SearchOrder.PRICE_UP,
    currencyCode: 'EUR',
  })),
  search('one of the 20 most common words, tag and in stock, by relevance', 3, (sample) =>
    byRelevance(pick(sample.commonWords), sample),
  ),
  search('any word of a name, tag and in stock, by relevance', 3, (sample) => byRelevance(pick(sample.words), sample)),
  search('a common word, tag and in stock, with facets', undefined, (sample) => ({
    ...byRelevance(pick(sample.commonWords), sample),
    facets: true,
  })),
  search('in stock, page 1', undefined, () => ({ inStock: true })),
  {
    name: 'search: in stock, page 5,000',
    growthMax: undefined,
    prepare: ({ catalog }, { deepToken: pageToken }) => {
      if (pageToken === '') return undefined;
      const request = SearchProductsRequest.create({ inStock: true, pageSize: 20, pageToken });
      return { ask: () => catalog.searchProducts(request) };
    },
  },
];

function pick<T>(values: readonly T[]): T {
  return values[Math.floor(Math.random() * values.length)] as T;
}

/** A TypeID: 26 characters of base 32, of which the first stands for 2 bits. */
function newReservationId(): string {
  const digits = [...randomBytes(26)].map((byte, at) => '0123456789abcdefghjkmnpqrstvwxyz'[byte % (at === 0 ? 8 : 32)]);
  return `res_${digits.join('')}`;
}
