import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  TestWebhookEndpointRequest,
  TestWebhookEndpointResponse,
} from '@malla/proto/malla/transactions/v1/webhooks_service';
import { testEndpoint } from '../domain/webhooks/manage-deliveries.ts';
import type { WebhookRpcDeps } from './deps.ts';
import { toDeliveryView } from './webhook-mapper.ts';

export function testWebhookEndpointHandler(
  deps: WebhookRpcDeps,
): UnaryHandler<TestWebhookEndpointRequest, TestWebhookEndpointResponse> {
  return async ({ webhookEndpointId }, call) => ({
    delivery: toDeliveryView(await testEndpoint(webhookEndpointId, userOf(call).userId, deps)),
  });
}
