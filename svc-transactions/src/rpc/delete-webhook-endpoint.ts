import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  DeleteWebhookEndpointRequest,
  DeleteWebhookEndpointResponse,
} from '@malla/proto/malla/transactions/v1/webhooks_service';
import { deleteEndpoint } from '../domain/webhooks/manage-endpoints.ts';
import type { WebhookRpcDeps } from './deps.ts';

export function deleteWebhookEndpointHandler(
  deps: WebhookRpcDeps,
): UnaryHandler<DeleteWebhookEndpointRequest, DeleteWebhookEndpointResponse> {
  return async ({ webhookEndpointId }, call) => {
    await deleteEndpoint(webhookEndpointId, userOf(call).userId, deps);
    return {};
  };
}
