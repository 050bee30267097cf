import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { ListImportRowsRequest, ListImportRowsResponse } from '@malla/proto/malla/stores/v1/imports_service';
import type { PageTokens } from '../crypto/page-tokens.ts';
import type { ImportQueries } from '../domain/import.ts';
import { listImportRows } from '../domain/import-products.ts';
import { toImportRowMessage } from './import-mapper.ts';

export function listImportRowsHandler(deps: {
  importQueries: ImportQueries;
  pageTokens: PageTokens;
}): UnaryHandler<ListImportRowsRequest, ListImportRowsResponse> {
  return async ({ importId, failedOnly, pageSize, pageToken }, call) => {
    const list = ['ListImportRows', importId, failedOnly];
    const [after = '0'] = deps.pageTokens.read(list, pageToken);
    const page = { failedOnly, pageSize, afterRow: Number(after) };
    const { items, next } = await listImportRows(userOf(call).userId, importId, page, deps);
    return { rows: items.map(toImportRowMessage), nextPageToken: deps.pageTokens.write(list, [next]) };
  };
}
