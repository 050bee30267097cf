import { userOf } from '@malla/chassis/context';
import type { StreamHandler } from '@malla/chassis/server-stream';
import type { WatchPurchaseRequest, WatchPurchaseResponse } from '@malla/proto/malla/transactions/v1/purchases_service';
import { type WatchDeps, watchPurchase } from '../domain/purchases/watch-purchase.ts';
import { toChangeMessage } from './purchase-mapper.ts';

/** A stream ends by itself before its deadline, so that the client hears of an end and not of a failure. */
const SHARE_OF_DEADLINE = 0.9;

export function watchPurchaseHandler(deps: WatchDeps): StreamHandler<WatchPurchaseRequest, WatchPurchaseResponse> {
  return async function* ({ purchaseId, resumeToken, followRefunds }, call) {
    const leftMs = call.deadline.getTime() - Date.now();
    const end = AbortSignal.timeout(Math.max(0, Math.floor(leftMs * SHARE_OF_DEADLINE)));
    const signal = AbortSignal.any([call.signal, end]);
    const watch = { purchaseId, after: Number(resumeToken), followRefunds };
    for await (const watched of watchPurchase(watch, userOf(call).userId, signal, deps)) {
      yield { change: toChangeMessage(watched), resumeToken: String(watched.change.version) };
    }
  };
}
