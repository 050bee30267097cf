import type { StreamHandler } from '@malla/chassis/server-stream';
import { CatalogChangeKind as KindMessage } from '@malla/proto/malla/stores/v1/catalog';
import type { WatchCatalogRequest, WatchCatalogResponse } from '@malla/proto/malla/stores/v1/catalog_service';
import type { CatalogChangeKind } from '../domain/catalog-entry.ts';
import { type WatchDeps, watchCatalog } from '../domain/catalog-log.ts';

/** A stream ends by itself before its deadline, so that the client hears of an end and not of a failure. */
const SHARE_OF_DEADLINE = 0.9;

const KINDS: Readonly<Record<CatalogChangeKind, KindMessage>> = {
  published: KindMessage.PUBLISHED,
  updated: KindMessage.UPDATED,
  withdrawn: KindMessage.WITHDRAWN,
  'price-changed': KindMessage.PRICE_CHANGED,
  'in-stock': KindMessage.IN_STOCK,
  'out-of-stock': KindMessage.OUT_OF_STOCK,
};

export function watchCatalogHandler(deps: WatchDeps): StreamHandler<WatchCatalogRequest, WatchCatalogResponse> {
  return async function* ({ resumeToken, fromNow, storeId }, call) {
    const leftMs = call.deadline.getTime() - Date.now();
    const end = AbortSignal.timeout(Math.max(0, Math.floor(leftMs * SHARE_OF_DEADLINE)));
    const signal = AbortSignal.any([call.signal, end]);
    for await (const change of watchCatalog(
      { after: resumeToken === '' ? undefined : BigInt(resumeToken), fromNow, storeId },
      signal,
      deps,
    )) {
      yield { change: { ...change, kind: KINDS[change.kind] }, resumeToken: String(change.position) };
    }
  };
}
