import type { Requests } from '@malla/chassis/testing/existence';

/** Ids of what is not public of a store. */
export interface HiddenIds {
  readonly [name: string]: string;
  readonly product: string;
  readonly variant: string;
  readonly category: string;
  readonly import: string;
}

const NO_ID = 'the request names nothing';
const OF_STORE = 'the request names a store, and GetStore shows to everybody that it exists, open or closed';
const variantOf = (sku: string) => ({ sku, prices: [{ amount: { currencyCode: 'EUR', amountMinor: '100' } }] });

/** A request for each RPC by which a stranger could learn that something exists. */
export const HIDDEN: Requests<HiddenIds> = {
  'StoresService/CreateStore': NO_ID,
  'StoresService/GetStore': OF_STORE,
  'StoresService/ListStores': NO_ID,
  'StoresService/UpdateStore': OF_STORE,
  'StoresService/CloseStore': OF_STORE,
  'StoresService/ReopenStore': OF_STORE,
  'StaffService/ListMyStores': NO_ID,
  'StaffService/GetStaff': OF_STORE,
  'StaffService/SetStaffRole': OF_STORE,
  'StaffService/RemoveStaff': OF_STORE,
  'StaffService/TransferOwnership': OF_STORE,
  'CategoriesService/GetCategoryTree': OF_STORE,
  'CategoriesService/CreateCategory': OF_STORE,
  'CategoriesService/RenameCategory': ({ category }) => ({ categoryId: category, name: 'Hats' }),
  'CategoriesService/MoveCategory': ({ category }) => ({ categoryId: category, position: 1 }),
  'CategoriesService/DeleteCategory': ({ category }) => ({ categoryId: category }),
  'ProductsService/CreateProduct': OF_STORE,
  'ProductsService/GetManagedProduct': ({ product }) => ({ productId: product }),
  'ProductsService/ListManagedProducts': OF_STORE,
  'ProductsService/UpdateProduct': ({ product, variant }) => ({
    product: { productId: product, name: 'x', etag: 'v9', variants: [{ variantId: variant, ...variantOf('X') }] },
    updateMask: 'name,variants',
  }),
  'ProductsService/PublishProduct': ({ product }) => ({ productId: product }),
  'ProductsService/ArchiveProduct': ({ product }) => ({ productId: product }),
  'ProductsService/DeleteProduct': ({ product }) => ({ productId: product }),
  'CatalogService/GetProduct': ({ product }) => ({ productId: product }),
  'CatalogService/BatchGetProducts': ({ product }) => ({ productIds: [product] }),
  'CatalogService/ListProducts': OF_STORE,
  'CatalogService/SearchProducts': ({ category }) => ({ categoryId: category }),
  'CatalogService/WatchCatalog': OF_STORE,
  'StockService/BatchGetStock': ({ variant }) => ({ variantIds: [variant] }),
  'StockService/AdjustStock': ({ variant }) => ({
    variantId: variant,
    onHandChange: 1,
    reason: 'STOCK_REASON_RECEIVED',
  }),
  'StockService/ListStockEntries': ({ variant }) => ({ variantId: variant }),
  'ImportsService/ImportProducts': OF_STORE,
  'ImportsService/GetImport': ({ import: importId }) => ({ importId }),
  'ImportsService/ListImportRows': ({ import: importId }) => ({ importId }),
  'ImportsService/ExportProducts': OF_STORE,
  // Customers reach it by a quote of svc-transactions.
  'ReservationsService/QuoteBasket': ({ variant }) => ({ lines: [{ variantId: variant, quantity: 1 }] }),
};
