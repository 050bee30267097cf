import type { Takeover } from '../takeover.ts';
import type { Owner } from './endpoint.ts';
import type { WebhookDeps } from './ports.ts';

type RemoveDeps = Pick<WebhookDeps, 'endpoints' | 'secrets' | 'clock'>;

/** Deletes an endpoint, within a transaction, and its secrets at once. What waits for it is not sent. Again without effect. */
export async function removeEndpoint(endpointId: string, { endpoints, secrets, clock }: RemoveDeps): Promise<void> {
  const endpoint = await endpoints.lock(endpointId);
  if (!endpoint || endpoint.deleteTime) return;
  const now = clock.now();
  await secrets.expire(endpointId, now);
  await endpoints.save({ ...endpoint, deleteTime: now, updateTime: now });
}

/**
 * Deletes, within a transaction, the endpoints of an account and of its stores that are older than its takeover. Nothing tells
 * which of a store's were made by the stranger, or by somebody whom the stranger let in: all go, and the owner makes new ones.
 * @param storeIds the stores that the account owns.
 */
export async function removeEndpointsOf(
  { userId, takeOverTime }: Takeover,
  storeIds: readonly string[],
  deps: RemoveDeps,
): Promise<void> {
  const owners: Owner[] = [
    { kind: 'user', userId },
    ...storeIds.map((storeId) => ({ kind: 'store' as const, storeId })),
  ];
  for (const owner of owners) {
    for (const { endpointId, createTime } of await deps.endpoints.lockAll(owner)) {
      if (createTime < takeOverTime) await removeEndpoint(endpointId, deps);
    }
  }
}
