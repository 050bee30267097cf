import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { Duration } from '@malla/proto/google/protobuf/duration';
import type {
  RotateWebhookSecretRequest,
  RotateWebhookSecretResponse,
} from '@malla/proto/malla/transactions/v1/webhooks_service';
import { rotateSecret } from '../domain/webhooks/manage-endpoints.ts';
import type { WebhookRpcDeps } from './deps.ts';
import { toEndpointMessage } from './webhook-mapper.ts';

const OVERLAP_DEFAULT_MS = 24 * 3_600_000;

export function rotateWebhookSecretHandler(
  deps: WebhookRpcDeps,
): UnaryHandler<RotateWebhookSecretRequest, RotateWebhookSecretResponse> {
  return async ({ webhookEndpointId, overlap }, call) => {
    const rotated = await rotateSecret(webhookEndpointId, userOf(call).userId, toMs(overlap), deps);
    return { webhookEndpoint: toEndpointMessage(rotated), secret: rotated.secret };
  };
}

function toMs(overlap: Duration | undefined): number {
  return overlap ? Number(overlap.seconds) * 1_000 + Math.floor(overlap.nanos / 1_000_000) : OVERLAP_DEFAULT_MS;
}
