import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  UpdateWebhookEndpointRequest,
  UpdateWebhookEndpointResponse,
} from '@malla/proto/malla/transactions/v1/webhooks_service';
import { updateEndpoint } from '../domain/webhooks/manage-endpoints.ts';
import type { WebhookRpcDeps } from './deps.ts';
import { fromEndpointMessage, toEndpointMessage } from './webhook-mapper.ts';

export function updateWebhookEndpointHandler(
  deps: WebhookRpcDeps,
): UnaryHandler<UpdateWebhookEndpointRequest, UpdateWebhookEndpointResponse> {
  return async ({ webhookEndpoint, updateMask }, call) => {
    const update = fromEndpointMessage(webhookEndpoint);
    const updated = await updateEndpoint(userOf(call).userId, update, updateMask ?? [], deps);
    return { webhookEndpoint: toEndpointMessage(updated) };
  };
}
