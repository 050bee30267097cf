import { createFeedCursor, follow } from '@malla/chassis/follow';
import type { Orm } from '../data/orm.ts';
import { detachMethodsOf, type MethodDeps } from '../domain/payments/payment-methods.ts';
import type { Takeover } from '../domain/takeover.ts';
import type { WebhookDeps } from '../domain/webhooks/ports.ts';
import { removeEndpointsOf } from '../domain/webhooks/remove-endpoints.ts';

export interface TakeoverWorkerDeps extends MethodDeps, Pick<WebhookDeps, 'endpoints' | 'secrets'> {
  /** The takeovers of accounts after a position, in order. */
  readonly listTakeovers: (after: bigint) => Promise<readonly Takeover[]>;
  /** The ids of the stores that a user owns. */
  readonly listOwnedStores: (userId: string) => Promise<readonly string[]>;
}

/**
 * Follows the takeovers of accounts, and ends what whoever had the account before has set up. Endpoints and payment methods
 * have a cursor each: a provider that is away holds up no endpoint.
 * @returns what does so for either, and says whether there were any.
 */
export function takeoverWorkers({ em }: Orm, deps: TakeoverWorkerDeps) {
  const { transact, listTakeovers: read } = deps;
  const endpoints = {
    cursor: createFeedCursor(em, 'takeovers/webhook-endpoints'),
    prepare: async (takeover: Takeover) => {
      const storeIds = await deps.listOwnedStores(takeover.userId);
      return () => removeEndpointsOf(takeover, storeIds, deps);
    },
  };
  const methods = {
    cursor: createFeedCursor(em, 'takeovers/payment-methods'),
    prepare: async (takeover: Takeover) => {
      // The provider is asked, and so this cannot wait for the cursor's transaction. Again it has no effect.
      await detachMethodsOf(takeover, deps);
      return async () => undefined;
    },
  };
  return {
    endpoints: () => follow({ transact, read, ...endpoints }),
    methods: () => follow({ transact, read, ...methods }),
  };
}
