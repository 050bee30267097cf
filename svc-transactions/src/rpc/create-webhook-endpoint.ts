import { userOf } from '@malla/chassis/context';
import { idempotent } from '@malla/chassis/idempotency';
import { WebhooksServiceService } from '@malla/proto/malla/transactions/v1/webhooks_service';
import { createEndpoint, type EndpointWithSecret } from '../domain/webhooks/manage-endpoints.ts';
import type { WebhookRpcDeps } from './deps.ts';
import { once } from './once.ts';
import { toEndpointMessage } from './webhook-mapper.ts';

export function createWebhookEndpointHandler(deps: WebhookRpcDeps) {
  return idempotent(WebhooksServiceService.createWebhookEndpoint, deps.idempotency, async (request, call, stored) => {
    const respond = once(stored, toResponse, (response) => response);
    return toResponse(await createEndpoint(userOf(call).userId, request, respond, deps));
  });
}

function toResponse(created: EndpointWithSecret) {
  return { webhookEndpoint: toEndpointMessage(created), secret: created.secret };
}
