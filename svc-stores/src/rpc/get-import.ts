import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { GetImportRequest, GetImportResponse } from '@malla/proto/malla/stores/v1/imports_service';
import type { ImportQueries } from '../domain/import.ts';
import { getImport } from '../domain/import-products.ts';
import { toImportMessage } from './import-mapper.ts';

export function getImportHandler(deps: {
  importQueries: ImportQueries;
}): UnaryHandler<GetImportRequest, GetImportResponse> {
  return async ({ importId }, call) => ({
    import: toImportMessage(await getImport(userOf(call).userId, importId, deps)),
  });
}
