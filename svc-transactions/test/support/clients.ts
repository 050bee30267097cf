import { randomUUID } from 'node:crypto';
import { type Client, Metadata } from '@grpc/grpc-js';
import { openChannel } from '@malla/chassis/channel';
import { createClient } from '@malla/chassis/client';
import type { MeshTls } from '@malla/chassis/tls';
import { mallaContract } from '@malla/proto/contract';
import { LedgerServiceService } from '@malla/proto/malla/transactions/v1/ledger_service';
import { PaymentMethodsServiceService } from '@malla/proto/malla/transactions/v1/payment_methods_service';
import { PaymentsServiceService } from '@malla/proto/malla/transactions/v1/payments_service';
import { ProvidersServiceService } from '@malla/proto/malla/transactions/v1/providers_service';
import { PurchasesServiceService } from '@malla/proto/malla/transactions/v1/purchases_service';
import { WebhooksServiceService } from '@malla/proto/malla/transactions/v1/webhooks_service';

const channels: Client[] = [];

/** Clients of every service of a running svc-transactions, over one channel. */
export function connect(target: string, tls: MeshTls) {
  const contract = mallaContract();
  const channel = openChannel({ contract, service: 'svc-transactions', target, tls });
  channels.push(channel);
  return {
    channel,
    ledger: createClient(channel, LedgerServiceService, contract),
    payments: createClient(channel, PaymentsServiceService, contract),
    methods: createClient(channel, PaymentMethodsServiceService, contract),
    purchases: createClient(channel, PurchasesServiceService, contract),
    providers: createClient(channel, ProvidersServiceService, contract),
    webhooks: createClient(channel, WebhooksServiceService, contract),
  };
}

export type Clients = ReturnType<typeof connect>;

/** Closes every channel that `connect` opened. */
export function closeClients(): void {
  for (const channel of channels.splice(0)) channel.close();
}

/** Call options that carry an access token, and an idempotency key: by default a new one. */
export function as(accessToken: string, key: string = randomUUID()) {
  const metadata = new Metadata();
  metadata.set('idempotency-key', key);
  metadata.set('authorization', `Bearer ${accessToken}`);
  return { metadata };
}
