import assert from 'node:assert/strict';
import { callServerStream } from '@malla/chassis/stream-call';
import { mallaContract } from '@malla/proto/contract';
import type { PurchaseChange } from '@malla/proto/malla/transactions/v1/purchase';
import {
  PurchasesServiceService,
  WatchPurchaseRequest,
  WatchPurchaseResponse,
} from '@malla/proto/malla/transactions/v1/purchases_service';
import type { as, Clients } from './clients.ts';

/** What a stream of WatchPurchase brings. */
export type Seen = PurchaseChange & { readonly resumeToken: string };

/** Watches a purchase. The stream is left with the loop. */
export async function* watch(
  edge: Clients,
  request: Partial<WatchPurchaseRequest>,
  options: ReturnType<typeof as> & { readonly timeoutMs?: number },
): AsyncGenerator<Seen> {
  const rpc = mallaContract().rpcs.get(PurchasesServiceService.watchPurchase.path);
  assert.ok(rpc);
  const bytes = WatchPurchaseRequest.encode(WatchPurchaseRequest.create(request)).finish();
  for await (const answer of callServerStream(edge.channel, rpc, bytes, options)) {
    const { change, resumeToken } = WatchPurchaseResponse.decode(answer);
    assert.ok(change);
    yield { ...change, resumeToken };
  }
}

/** Everything that a stream brings, to its end. */
export async function watchAll(...of: Parameters<typeof watch>): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const change of watch(...of)) seen.push(change);
  return seen;
}
