import { randomUUID } from 'node:crypto';
import { callServerStream } from '@malla/chassis/stream-call';
import { mallaContract, type RpcContract } from '@malla/proto/contract';
import { SearchOrder } from '@malla/proto/malla/stores/v1/catalog';
import { CatalogServiceService, WatchCatalogRequest } from '@malla/proto/malla/stores/v1/catalog_service';
import { ExportProductsRequest, ImportsServiceService } from '@malla/proto/malla/stores/v1/imports_service';
import { ProductState } from '@malla/proto/malla/stores/v1/product';
import { SearchProductsRequest } from '@malla/proto/malla/stores/v1/search';
import type { TestService } from './service.ts';
import type { Shop } from './shop.ts';

/** What there is to read. */
export interface Readable {
  readonly service: TestService;
  readonly shop: Shop;
  readonly productId: string;
  readonly variantId: string;
  readonly importId: string;
  readonly reservationId: string;
}

/** One way to call an RPC that only reads. */
export interface Read {
  readonly name: string;
  /** How many round trips to the database it takes at the most. */
  readonly trips: 1 | 2;
  read(from: Readable): Promise<unknown>;
}

const PAGE = { pageSize: 3, pageToken: '' };

/** Every RPC of the contract that only reads, by its service and name. */
export function readingRpcs(): Map<string, RpcContract> {
  const own = [...mallaContract().rpcs.values()].filter(
    ({ readOnly, service }) => readOnly && service.startsWith('malla.stores.v1.'),
  );
  return new Map(own.map((rpc) => [`${rpc.method.parent.name}/${rpc.method.name}`, rpc]));
}

/** The ways to call each of them, by its service and name. */
export const READS: Readonly<Record<string, readonly Read[]>> = {
  'StoresService/GetStore': [
    read('by id', 1, ({ service, shop: { storeId } }) =>
      service.edge.stores.getStore({ name: { $case: 'storeId', value: storeId } }),
    ),
    read('by slug', 1, ({ service, shop: { slug } }) =>
      service.edge.stores.getStore({ name: { $case: 'slug', value: slug } }),
    ),
  ],
  'StoresService/ListStores': pages(1, ({ service }, page) => service.edge.stores.listStores(page)),
  'StaffService/ListMyStores': pages(1, ({ service, shop }, page) => service.edge.staff.listMyStores(page, shop.owner)),
  'StaffService/ListOwnedStores': [
    read('', 1, ({ service, shop: { ownerId: userId } }) => service.transactions.staff.listOwnedStores({ userId })),
  ],
  'StaffService/GetStaff': [
    read('', 2, ({ service, shop: { storeId, owner } }) => service.edge.staff.getStaff({ storeId }, owner)),
  ],
  'CategoriesService/GetCategoryTree': [
    read('', 1, ({ service, shop: { storeId } }) => service.edge.categories.getCategoryTree({ storeId })),
  ],
  'CatalogService/GetProduct': [
    read('', 2, ({ service, productId }) => service.edge.catalog.getProduct({ productId })),
  ],
  'CatalogService/BatchGetProducts': [
    read('', 2, ({ service, productId }) => service.edge.catalog.batchGetProducts({ productIds: [productId] })),
  ],
  'CatalogService/ListProducts': pages(2, ({ service, shop: { storeId } }, page) =>
    service.edge.catalog.listProducts({ storeId, ...page }),
  ),
  'CatalogService/SearchProducts': searches(),
  'CatalogService/WatchCatalog': [
    read('until it has caught up', 2, ({ service }) =>
      first(service, CatalogServiceService.watchCatalog.path, WatchCatalogRequest.encode(WatchCatalogRequest.create())),
    ),
    read('of one store', 2, ({ service, shop: { storeId } }) => {
      const request = WatchCatalogRequest.create({ storeId });
      return first(service, CatalogServiceService.watchCatalog.path, WatchCatalogRequest.encode(request));
    }),
  ],
  'ProductsService/GetManagedProduct': [
    read('', 2, ({ service, shop, productId }) => service.edge.products.getManagedProduct({ productId }, shop.owner)),
  ],
  'ProductsService/ListManagedProducts': [ProductState.UNSPECIFIED, ProductState.DRAFT].flatMap((state) =>
    pages(2, ({ service, shop: { storeId, owner } }, page) =>
      service.edge.products.listManagedProducts({ storeId, state, ...page }, owner),
    ),
  ),
  'StockService/BatchGetStock': [
    read('', 1, ({ service, shop, variantId }) =>
      service.edge.stock.batchGetStock({ variantIds: [variantId] }, shop.owner),
    ),
  ],
  'StockService/ListStockEntries': pages(1, ({ service, shop, variantId }, page) =>
    service.edge.stock.listStockEntries({ variantId, ...page }, shop.owner),
  ),
  'ReservationsService/QuoteBasket': [
    read('', 1, ({ service, variantId }) =>
      service.transactions.reservations.quoteBasket({ lines: [{ variantId, quantity: 1 }], currencyCode: '' }),
    ),
  ],
  'ReservationsService/GetReservation': [
    read('', 1, ({ service, reservationId }) => service.transactions.reservations.getReservation({ reservationId })),
  ],
  'ImportsService/GetImport': [
    read('', 1, ({ service, shop, importId }) => service.edge.imports.getImport({ importId }, shop.owner)),
  ],
  'ImportsService/ListImportRows': [false, true].flatMap((failedOnly) =>
    pages(1, ({ service, shop, importId }, page) =>
      service.edge.imports.listImportRows({ importId, failedOnly, ...page }, shop.owner),
    ),
  ),
  'ImportsService/ExportProducts': [
    read('a page of the store', 2, ({ service, shop: { storeId, owner } }) => {
      const request = ExportProductsRequest.encode({ storeId });
      return first(service, ImportsServiceService.exportProducts.path, request, owner);
    }),
  ],
};

function read(name: string, trips: Read['trips'], how: Read['read']): Read {
  return { name, trips, read: how };
}

type PageOf = typeof PAGE;

/** The first page, and the one after it where there is one. */
function pages(
  trips: Read['trips'],
  how: (from: Readable, page: PageOf) => Promise<{ readonly nextPageToken: string }>,
): readonly Read[] {
  let next = '';
  return [
    read('page 1', trips, async (from) => {
      next = (await how(from, PAGE)).nextPageToken;
    }),
    read('page 2', trips, (from) => how(from, { ...PAGE, pageToken: next })),
  ];
}

/** Searches by everything that one can filter by, in every order. */
function searches(): readonly Read[] {
  const cases: Record<string, Partial<SearchProductsRequest>> = {
    all: {},
    'a tag in stock': { tags: ['tag1'], inStock: true },
    'two terms': { tags: ['all'], attributes: ['size=1'] },
    prices: { currencyCode: 'EUR', priceMinMinor: 200n, priceMaxMinor: 900n, tags: ['tag1'] },
    'a text': { query: 'thing' },
    'a text that is rare': { query: 'rarity' },
    'a text and two terms': { query: 'thing', tags: ['all'], attributes: ['size=1'] },
    'a text with a prefix': { query: 'thing th*', tags: ['all'] },
    facets: { query: 'thing', facets: true },
    'facets of a rare text': { query: 'rarity', facets: true },
  };
  const search = (fields: Partial<SearchProductsRequest>) => SearchProductsRequest.create({ pageSize: 3, ...fields });
  /** Nothing is remembered of it. */
  const newWord = () => `thing ${randomUUID()}`;
  const first = [
    read('for the first time', 2, ({ service }) =>
      service.edge.catalog.searchProducts(search({ query: newWord(), tags: ['all'], facets: true })),
    ),
    read('by price in the store’s currency', 2, ({ service, shop: { storeId } }) =>
      service.edge.catalog.searchProducts(
        search({ storeId, query: newWord(), order: SearchOrder.PRICE_UP, facets: true }),
      ),
    ),
  ];
  const orders = [SearchOrder.UNSPECIFIED, SearchOrder.NEWEST, SearchOrder.PRICE_UP, SearchOrder.PRICE_DOWN];
  const known = Object.entries(cases).flatMap(([name, fields]) =>
    orders.flatMap((order) => {
      const request = search({ currencyCode: 'EUR', ...fields, order });
      const named = (one: Read) => ({ ...one, name: `${name}, order ${order}, ${one.name}` });
      return pages(1, ({ service }, page) => service.edge.catalog.searchProducts({ ...request, ...page })).map(named);
    }),
  );
  return [...first, ...known];
}

/** Reads a stream as far as its first message. */
async function first(
  { edge }: TestService,
  path: string,
  request: { finish(): Uint8Array },
  options = {},
): Promise<void> {
  const rpc = mallaContract().rpcs.get(path);
  if (!rpc) throw new Error(`${path} is not in the contract`);
  for await (const _ of callServerStream(edge.channel, rpc, request.finish(), options)) return;
}
