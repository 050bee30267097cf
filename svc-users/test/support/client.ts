import { type Client, Metadata } from '@grpc/grpc-js';
import { openChannel } from '@malla/chassis/channel';
import { createClient, type ServiceClient } from '@malla/chassis/client';
import type { MeshTls } from '@malla/chassis/tls';
import { mallaContract } from '@malla/proto/contract';
import { UsersServiceService } from '@malla/proto/malla/users/v1/users_service';

export type UsersClient = ServiceClient<typeof UsersServiceService>;

export const contract = mallaContract();
const channels: Client[] = [];

/** Connects to a service of this process. */
export function connect(port: number, tls: MeshTls): UsersClient {
  const channel = openChannel({ contract, service: 'svc-users', target: `dns:///127.0.0.1:${port}`, tls });
  channels.push(channel);
  return createClient(channel, UsersServiceService, contract);
}

/** Closes every channel that `connect` opened. */
export function closeClients(): void {
  for (const channel of channels.splice(0)) channel.close();
}

/** Call options that carry an access token, and come from an address at the edge. */
export function as(accessToken: string, address = '192.0.2.1') {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${accessToken}`);
  metadata.set('x-origin-address', address);
  return { metadata };
}

/** Call options that come from an address at the edge. */
export function from(address: string, userAgent = 'test') {
  const metadata = new Metadata();
  metadata.set('x-origin-address', address);
  metadata.set('x-origin-user-agent', userAgent);
  return { metadata };
}

let addresses = 0;

/** Call options that come from an address that nobody came from before. */
export function fromElsewhere() {
  addresses += 1;
  return from(`198.51.${addresses >> 8}.${addresses & 255}`);
}
