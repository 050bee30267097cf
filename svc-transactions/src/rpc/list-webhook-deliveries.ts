import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  ListWebhookDeliveriesRequest,
  ListWebhookDeliveriesResponse,
} from '@malla/proto/malla/transactions/v1/webhooks_service';
import { listDeliveries } from '../domain/webhooks/manage-deliveries.ts';
import type { WebhookRpcDeps } from './deps.ts';
import { fromDeliveryState, toDeliveryMessage } from './webhook-mapper.ts';

export function listWebhookDeliveriesHandler(
  deps: WebhookRpcDeps,
): UnaryHandler<ListWebhookDeliveriesRequest, ListWebhookDeliveriesResponse> {
  return async ({ webhookEndpointId: endpointId, state, pageSize, pageToken }, call) => {
    const list = ['ListWebhookDeliveries', endpointId, state];
    const [before] = deps.pageTokens.read(list, pageToken);
    const request = { endpointId, state: fromDeliveryState(state), pageSize };
    const { items, next } = await listDeliveries(request, userOf(call).userId, before, deps);
    const deliveries = items.map((delivery) => toDeliveryMessage(delivery));
    return { deliveries, nextPageToken: deps.pageTokens.write(list, [next]) };
  };
}
