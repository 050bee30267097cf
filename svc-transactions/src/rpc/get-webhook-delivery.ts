import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  GetWebhookDeliveryRequest,
  GetWebhookDeliveryResponse,
} from '@malla/proto/malla/transactions/v1/webhooks_service';
import { getDelivery } from '../domain/webhooks/manage-deliveries.ts';
import type { WebhookRpcDeps } from './deps.ts';
import { toDeliveryView } from './webhook-mapper.ts';

export function getWebhookDeliveryHandler(
  deps: WebhookRpcDeps,
): UnaryHandler<GetWebhookDeliveryRequest, GetWebhookDeliveryResponse> {
  return async ({ webhookEndpointId, eventId }, call) => ({
    delivery: toDeliveryView(await getDelivery(webhookEndpointId, eventId, userOf(call).userId, deps)),
  });
}
