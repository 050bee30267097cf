import {
  type WebhookDelivery as DeliveryMessage,
  type WebhookEndpoint as EndpointMessage,
  WebhookDeliveryState as StateMessage,
} from '@malla/proto/malla/transactions/v1/webhook';
import type { Delivery, DeliveryState } from '../domain/webhooks/delivery.ts';
import { type EndpointFields, etagOf } from '../domain/webhooks/endpoint.ts';
import type { EndpointView } from '../domain/webhooks/manage-endpoints.ts';
import type { DeliveryView } from '../domain/webhooks/ports.ts';

const STATES: Readonly<Record<DeliveryState, StateMessage>> = {
  pending: StateMessage.PENDING,
  succeeded: StateMessage.SUCCEEDED,
  failed: StateMessage.FAILED,
};

export function toEndpointMessage({ endpoint, oldSecretsExpireTime }: EndpointView): EndpointMessage {
  const { endpointId, owner, url, eventTypes, disabledReason, failingSince, createTime, updateTime } = endpoint;
  return {
    webhookEndpointId: endpointId,
    storeId: owner.kind === 'store' ? owner.storeId : '',
    userId: owner.kind === 'user' ? owner.userId : '',
    url,
    eventTypes: [...eventTypes],
    enabled: disabledReason === '',
    disabledReason,
    failingSinceTime: failingSince ?? undefined,
    oldSecretsExpireTime,
    createTime,
    updateTime,
    etag: etagOf(endpoint),
  };
}

/** The contract demands the message. */
export function fromEndpointMessage(
  message: EndpointMessage | undefined,
): EndpointFields & { readonly endpointId: string; readonly etag: string } {
  const { webhookEndpointId: endpointId = '', url = '', eventTypes = [], enabled, etag = '' } = message ?? {};
  return { endpointId, url, eventTypes, enabled, etag };
}

export function toDeliveryMessage(delivery: Delivery, payload = ''): DeliveryMessage {
  return {
    webhookEndpointId: delivery.endpointId,
    eventId: delivery.eventId,
    eventType: delivery.eventType,
    state: STATES[delivery.state],
    attempts: delivery.attempts,
    lastAttemptTime: delivery.lastTryTime ?? undefined,
    lastResponseStatus: delivery.lastStatus,
    lastError: delivery.lastError,
    nextAttemptTime: delivery.nextTryTime ?? undefined,
    createTime: delivery.createTime,
    payload,
  };
}

export function toDeliveryView({ delivery, body }: DeliveryView): DeliveryMessage {
  return toDeliveryMessage(delivery, body);
}

/** Undefined for any state. */
export function fromDeliveryState(message: StateMessage): DeliveryState | undefined {
  const states = Object.keys(STATES) as DeliveryState[];
  return states.find((state) => STATES[state] === message);
}
