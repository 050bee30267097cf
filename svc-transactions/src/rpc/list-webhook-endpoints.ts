import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  ListWebhookEndpointsRequest,
  ListWebhookEndpointsResponse,
} from '@malla/proto/malla/transactions/v1/webhooks_service';
import { listEndpoints } from '../domain/webhooks/manage-endpoints.ts';
import type { WebhookRpcDeps } from './deps.ts';
import { toEndpointMessage } from './webhook-mapper.ts';

export function listWebhookEndpointsHandler(
  deps: WebhookRpcDeps,
): UnaryHandler<ListWebhookEndpointsRequest, ListWebhookEndpointsResponse> {
  return async ({ storeId }, call) => ({
    webhookEndpoints: (await listEndpoints(storeId, userOf(call).userId, deps)).map(toEndpointMessage),
  });
}
