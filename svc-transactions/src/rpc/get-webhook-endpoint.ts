import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  GetWebhookEndpointRequest,
  GetWebhookEndpointResponse,
} from '@malla/proto/malla/transactions/v1/webhooks_service';
import { getEndpoint } from '../domain/webhooks/manage-endpoints.ts';
import type { WebhookRpcDeps } from './deps.ts';
import { toEndpointMessage } from './webhook-mapper.ts';

export function getWebhookEndpointHandler(
  deps: WebhookRpcDeps,
): UnaryHandler<GetWebhookEndpointRequest, GetWebhookEndpointResponse> {
  return async ({ webhookEndpointId }, call) => ({
    webhookEndpoint: toEndpointMessage(await getEndpoint(webhookEndpointId, userOf(call).userId, deps)),
  });
}
