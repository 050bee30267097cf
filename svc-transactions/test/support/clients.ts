import { type Client, Metadata } from '@grpc/grpc-js';
import { openChannel } from '@malla/chassis/channel';
import { createClient } from '@malla/chassis/client';
import type { MeshTls } from '@malla/chassis/tls';
import { mallaContract } from '@malla/proto/contract';
import { LedgerServiceService } from '@malla/proto/malla/transactions/v1/ledger_service';

const channels: Client[] = [];

/** Clients of every service of a running svc-transactions, over one channel. */
export function connect(target: string, tls: MeshTls) {
  const contract = mallaContract();
  const channel = openChannel({ contract, service: 'svc-transactions', target, tls });
  channels.push(channel);
  return { channel, ledger: createClient(channel, LedgerServiceService, contract) };
}

export type Clients = ReturnType<typeof connect>;

/** Closes every channel that `connect` opened. */
export function closeClients(): void {
  for (const channel of channels.splice(0)) channel.close();
}

/** Call options that carry an access token. */
export function as(accessToken: string) {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${accessToken}`);
  return { metadata };
}
