import type { ClientStreamHandler } from '@malla/chassis/client-stream';
import { userOf } from '@malla/chassis/context';
import { DomainError } from '@malla/chassis/errors';
import { requestParam } from '@malla/chassis/metadata';
import type { ImportProductsRequest, ImportProductsResponse } from '@malla/proto/malla/stores/v1/imports_service';
import { Product as ProductMessage } from '@malla/proto/malla/stores/v1/product';
import type { RejectedLine } from '@malla/proto/malla/type/v1/rejected_line';
import type { ImportBatchDeps } from '../domain/import-batch.ts';
import { type ImportInput, importProducts } from '../domain/import-products.ts';
import { requireImporter } from '../domain/importer.ts';
import type { ProductFields } from '../domain/product.ts';
import { toImportMessage, toImportRowMessage } from './import-mapper.ts';
import { fromProductMessage } from './product-mapper.ts';

const SKU_CHARS_MAX = 64;

export interface ImportProductsDeps extends ImportBatchDeps {
  /** Checks a product against the rules of the contract. @throws DomainError `invalid`. */
  readonly checkProductMessage: (bytes: Uint8Array) => void;
}

export function importProductsHandler(
  deps: ImportProductsDeps,
): ClientStreamHandler<ImportProductsRequest, ImportProductsResponse> {
  return async (requests, call) => {
    const { userId } = userOf(call);
    const storeId = requestParam(call, 'store_id');
    // Whoever may not import learns it at once, and holds no stream open by sending nothing.
    if (storeId !== undefined) await requireImporter(userId, storeId, deps);
    const done = await importProducts(userId, readRows(requests, deps), deps);
    return {
      import: done && toImportMessage(done.progress),
      failedRows: done?.failedRows.map(toImportRowMessage) ?? [],
    };
  };
}

async function* readRows(
  requests: AsyncIterable<ImportProductsRequest>,
  deps: ImportProductsDeps,
): AsyncGenerator<ImportInput> {
  for await (const { storeId, importId, product, publish, categoryPath, rejectedLine } of requests) {
    const sku = (product?.variants[0]?.sku ?? '').slice(0, SKU_CHARS_MAX);
    const row = { storeId, importId, publish, categoryPath, sku, isRow: rejectedLine === undefined };
    if (rejectedLine) yield { ...row, product: toError(rejectedLine), bytes: 0 };
    else yield { ...row, ...readProduct(product, deps) };
  }
}

function toError({ reason, message }: RejectedLine): DomainError {
  return new DomainError('invalid', reason || 'LINE_REJECTED', message);
}

/** A row that breaks a rule fails alone, and not the call. */
function readProduct(
  message: ProductMessage = ProductMessage.create(),
  { checkProductMessage }: ImportProductsDeps,
): { product: ProductFields | DomainError; bytes: number } {
  try {
    const bytes = ProductMessage.encode(message).finish();
    checkProductMessage(bytes);
    return { product: fromProductMessage(message), bytes: bytes.length };
  } catch (error) {
    if (error instanceof DomainError) return { product: asOfRow(error), bytes: 0 };
    throw error;
  }
}

/** Fields are named as in the row, whichever rule they break. */
function asOfRow(error: DomainError): DomainError {
  const prefixed = (field: string) => (field.startsWith('product.') ? field : `product.${field}`);
  const fields = (error.details.fields ?? []).map((violation) => ({ ...violation, field: prefixed(violation.field) }));
  return new DomainError(error.kind, error.reason, error.message, { ...error.details, fields });
}
