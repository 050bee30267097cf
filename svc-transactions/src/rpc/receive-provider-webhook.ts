import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  ReceiveProviderWebhookRequest,
  ReceiveProviderWebhookResponse,
} from '@malla/proto/malla/transactions/v1/providers_service';
import { receiveNotification } from '../domain/payments/notifications.ts';
import type { PaymentRpcDeps } from './deps.ts';

export function receiveProviderWebhookHandler(
  deps: PaymentRpcDeps,
): UnaryHandler<ReceiveProviderWebhookRequest, ReceiveProviderWebhookResponse> {
  return async ({ provider, content }, call) => {
    const header = (name: string) => call.metadata(name) ?? '';
    await receiveNotification(provider, content?.data ?? Buffer.alloc(0), header, deps);
    return {};
  };
}
