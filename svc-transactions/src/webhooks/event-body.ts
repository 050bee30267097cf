import { create, toJsonString } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { WebhookEventSchema } from '@malla/proto/malla/transactions/v1/webhook.pb';
import type { WebhookEvent } from '../domain/webhooks/event.ts';

/** An event as it is sent: the contract's WebhookEvent in the canonical JSON mapping. */
export function toEventBody({ eventId, type, time, amount, ...about }: WebhookEvent): string {
  const { storeId, userId, purchaseId, paymentId, refundId, disputeId, reason } = about;
  const data = { storeId, userId, purchaseId, paymentId, refundId, disputeId, reason, ...(amount && { amount }) };
  const message = create(WebhookEventSchema, { id: eventId, type, timestamp: timestampFromDate(time), data });
  return toJsonString(WebhookEventSchema, message);
}
