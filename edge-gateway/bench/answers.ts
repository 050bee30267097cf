import type { JsonObject } from '@bufbuild/protobuf';

const SMALL = { itemId: 'item-1', displayName: 'A lamp', available: '42' };

const items = Array.from({ length: 20 }, (_, index) => ({
  itemId: `item_01m85wmf89enf8mk3959a3h${String(index).padStart(3, '0')}`,
  displayName: `A lamp of the kind number ${index}`,
  description: 'Warm light for long evenings. Oiled oak and brass, made to be repaired, with a cord of three metres.',
  price: { currencyCode: 'EUR', amountMinor: String(12_900 + index) },
  tags: ['lamp', 'oak', 'evening'],
  available: index % 3 !== 0,
  createTime: '2026-11-24T08:00:00.123Z',
  etag: `v${index}`,
}));

/** What the upstream answers, by path on the wire. */
export const ANSWERS: Readonly<Record<string, JsonObject>> = {
  '/malla.testing.v1.BenchService/GetItem': SMALL,
  '/malla.testing.v1.BenchService/GetCachedItem': SMALL,
  '/malla.testing.v1.BenchService/ListItems': { items, nextPageToken: 'bmV4dA' },
};
