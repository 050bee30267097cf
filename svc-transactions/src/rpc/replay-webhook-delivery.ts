import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  ReplayWebhookDeliveryRequest,
  ReplayWebhookDeliveryResponse,
} from '@malla/proto/malla/transactions/v1/webhooks_service';
import { replayDelivery } from '../domain/webhooks/manage-deliveries.ts';
import type { WebhookRpcDeps } from './deps.ts';
import { toDeliveryView } from './webhook-mapper.ts';

export function replayWebhookDeliveryHandler(
  deps: WebhookRpcDeps,
): UnaryHandler<ReplayWebhookDeliveryRequest, ReplayWebhookDeliveryResponse> {
  return async ({ webhookEndpointId, eventId }, call) => ({
    delivery: toDeliveryView(await replayDelivery(webhookEndpointId, eventId, userOf(call).userId, deps)),
  });
}
