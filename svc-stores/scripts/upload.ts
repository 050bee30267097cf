import { once } from 'node:events';
import type { Client, Metadata, ServiceError } from '@grpc/grpc-js';
import {
  type ImportProductsRequest,
  type ImportProductsResponse,
  ImportsServiceService,
} from '@malla/proto/malla/stores/v1/imports_service';

const { path, requestSerialize, responseDeserialize } = ImportsServiceService.importProducts;

const DEADLINE_MS = 600_000;

/** Sends rows to ImportProducts, no faster than they are taken. @throws ServiceError of grpc-js. */
export async function uploadRows(
  channel: Client,
  rows: AsyncIterable<ImportProductsRequest> | Iterable<ImportProductsRequest>,
  { metadata, signal }: { readonly metadata: Metadata; readonly signal?: AbortSignal },
): Promise<ImportProductsResponse> {
  const { promise: answer, resolve, reject } = Promise.withResolvers<ImportProductsResponse>();
  const answered = (error: ServiceError | null, response?: ImportProductsResponse) =>
    response ? resolve(response) : reject(error);
  const deadline = Date.now() + DEADLINE_MS;
  const call = channel.makeClientStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    metadata,
    { deadline },
    answered,
  );
  signal?.addEventListener('abort', () => call.cancel(), { once: true });
  const over = answer.then(
    () => true,
    () => true,
  );
  for await (const row of rows) {
    if (!call.write(row) && (await Promise.race([over, once(call, 'drain')])) === true) break;
  }
  call.end();
  return answer;
}
