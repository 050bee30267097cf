import type { IdempotencyOptions } from '@malla/chassis/idempotency';
import { type Implementation, implement } from '@malla/chassis/implementation';
import { CatalogServiceService } from '@malla/proto/malla/stores/v1/catalog_service';
import { CategoriesServiceService } from '@malla/proto/malla/stores/v1/categories_service';
import { ImportsServiceService } from '@malla/proto/malla/stores/v1/imports_service';
import { ProductsServiceService } from '@malla/proto/malla/stores/v1/products_service';
import { ReservationsServiceService } from '@malla/proto/malla/stores/v1/reservations_service';
import { StaffServiceService } from '@malla/proto/malla/stores/v1/staff_service';
import { StockServiceService } from '@malla/proto/malla/stores/v1/stock_service';
import { StoresServiceService } from '@malla/proto/malla/stores/v1/stores_service';
import type { PageTokens } from '../crypto/page-tokens.ts';
import type { WatchDeps } from '../domain/catalog-log.ts';
import type { ExportDeps } from '../domain/export-products.ts';
import type { ImportQueries } from '../domain/import.ts';
import type { ManageCategoriesDeps } from '../domain/manage-categories.ts';
import type { ManageProductDeps } from '../domain/manage-product.ts';
import type { ManageStaffDeps } from '../domain/manage-staff.ts';
import type { ManageStockDeps } from '../domain/manage-stock.ts';
import type { ManageStoreDeps } from '../domain/manage-store.ts';
import type { Offers } from '../domain/quote.ts';
import type { ReservationDeps } from '../domain/reservation.ts';
import type { StockReturns } from '../domain/return-stock.ts';
import type { CatalogQueries } from '../domain/search.ts';
import { adjustStockHandler } from './adjust-stock.ts';
import { archiveProductHandler } from './archive-product.ts';
import { batchGetProductsHandler } from './batch-get-products.ts';
import { batchGetStockHandler } from './batch-get-stock.ts';
import { closeStoreHandler } from './close-store.ts';
import { commitReservationHandler } from './commit-reservation.ts';
import { createCategoryHandler } from './create-category.ts';
import { createProductHandler } from './create-product.ts';
import { createStoreHandler } from './create-store.ts';
import { deleteCategoryHandler } from './delete-category.ts';
import { deleteProductHandler } from './delete-product.ts';
import { exportProductsHandler } from './export-products.ts';
import { extendReservationHandler } from './extend-reservation.ts';
import { getCategoryTreeHandler } from './get-category-tree.ts';
import { getImportHandler } from './get-import.ts';
import { getManagedProductHandler } from './get-managed-product.ts';
import { getProductHandler } from './get-product.ts';
import { getReservationHandler } from './get-reservation.ts';
import { getStaffHandler } from './get-staff.ts';
import { getStoreHandler } from './get-store.ts';
import { type ImportProductsDeps, importProductsHandler } from './import-products.ts';
import { listImportRowsHandler } from './list-import-rows.ts';
import { listManagedProductsHandler } from './list-managed-products.ts';
import { listMyStoresHandler } from './list-my-stores.ts';
import { listOwnedStoresHandler } from './list-owned-stores.ts';
import { listProductsHandler } from './list-products.ts';
import { listStockEntriesHandler } from './list-stock-entries.ts';
import { listStoresHandler } from './list-stores.ts';
import { moveCategoryHandler } from './move-category.ts';
import { publishProductHandler } from './publish-product.ts';
import { quoteBasketHandler } from './quote-basket.ts';
import { releaseReservationHandler } from './release-reservation.ts';
import { removeStaffHandler } from './remove-staff.ts';
import { renameCategoryHandler } from './rename-category.ts';
import { reopenStoreHandler } from './reopen-store.ts';
import { reserveStockHandler } from './reserve-stock.ts';
import { returnStockHandler } from './return-stock.ts';
import { searchProductsHandler } from './search-products.ts';
import { setStaffRoleHandler } from './set-staff-role.ts';
import { transferOwnershipHandler } from './transfer-ownership.ts';
import { updateProductHandler } from './update-product.ts';
import { updateStoreHandler } from './update-store.ts';
import { watchCatalogHandler } from './watch-catalog.ts';

/** Everything that some handler needs. */
export type Deps = ManageStoreDeps &
  ManageStaffDeps &
  ManageCategoriesDeps &
  ManageProductDeps &
  ManageStockDeps & { readonly idempotency: IdempotencyOptions } & ReservationDeps & {
    readonly stockReturns: StockReturns;
  } & ImportProductsDeps &
  ExportDeps &
  WatchDeps & { importQueries: ImportQueries; catalogQueries: CatalogQueries; offers: Offers; pageTokens: PageTokens };

/** The handlers of every service of `malla.stores.v1`, one file each. */
export function storesServices(deps: Deps): Implementation[] {
  return [
    implement(StoresServiceService, {
      createStore: createStoreHandler(deps),
      getStore: getStoreHandler(deps),
      listStores: listStoresHandler(deps),
      updateStore: updateStoreHandler(deps),
      closeStore: closeStoreHandler(deps),
      reopenStore: reopenStoreHandler(deps),
    }),
    implement(StaffServiceService, {
      listMyStores: listMyStoresHandler(deps),
      listOwnedStores: listOwnedStoresHandler(deps),
      getStaff: getStaffHandler(deps),
      setStaffRole: setStaffRoleHandler(deps),
      removeStaff: removeStaffHandler(deps),
      transferOwnership: transferOwnershipHandler(deps),
    }),
    implement(CategoriesServiceService, {
      getCategoryTree: getCategoryTreeHandler(deps),
      createCategory: createCategoryHandler(deps),
      renameCategory: renameCategoryHandler(deps),
      moveCategory: moveCategoryHandler(deps),
      deleteCategory: deleteCategoryHandler(deps),
    }),
    implement(ProductsServiceService, {
      createProduct: createProductHandler(deps),
      getManagedProduct: getManagedProductHandler(deps),
      listManagedProducts: listManagedProductsHandler(deps),
      updateProduct: updateProductHandler(deps),
      publishProduct: publishProductHandler(deps),
      archiveProduct: archiveProductHandler(deps),
      deleteProduct: deleteProductHandler(deps),
    }),
    implement(CatalogServiceService, {
      getProduct: getProductHandler(deps),
      batchGetProducts: batchGetProductsHandler(deps),
      listProducts: listProductsHandler(deps),
      searchProducts: searchProductsHandler(deps),
      watchCatalog: watchCatalogHandler(deps),
    }),
    implement(StockServiceService, {
      batchGetStock: batchGetStockHandler(deps),
      adjustStock: adjustStockHandler(deps),
      listStockEntries: listStockEntriesHandler(deps),
    }),
    implement(ReservationsServiceService, {
      quoteBasket: quoteBasketHandler(deps),
      reserveStock: reserveStockHandler(deps),
      extendReservation: extendReservationHandler(deps),
      commitReservation: commitReservationHandler(deps),
      releaseReservation: releaseReservationHandler(deps),
      returnStock: returnStockHandler(deps),
      getReservation: getReservationHandler(deps),
    }),
    implement(ImportsServiceService, {
      importProducts: importProductsHandler(deps),
      getImport: getImportHandler(deps),
      listImportRows: listImportRowsHandler(deps),
      exportProducts: exportProductsHandler(deps),
    }),
  ];
}
