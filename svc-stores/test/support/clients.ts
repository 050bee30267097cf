import { type Client, Metadata } from '@grpc/grpc-js';
import { openChannel } from '@malla/chassis/channel';
import { createClient } from '@malla/chassis/client';
import type { MeshTls } from '@malla/chassis/tls';
import { mallaContract } from '@malla/proto/contract';
import { CatalogServiceService } from '@malla/proto/malla/stores/v1/catalog_service';
import { CategoriesServiceService } from '@malla/proto/malla/stores/v1/categories_service';
import { ImportsServiceService } from '@malla/proto/malla/stores/v1/imports_service';
import { ProductsServiceService } from '@malla/proto/malla/stores/v1/products_service';
import { ReservationsServiceService } from '@malla/proto/malla/stores/v1/reservations_service';
import { StaffServiceService } from '@malla/proto/malla/stores/v1/staff_service';
import { StockServiceService } from '@malla/proto/malla/stores/v1/stock_service';
import { StoresServiceService } from '@malla/proto/malla/stores/v1/stores_service';

const channels: Client[] = [];

/** Clients of every service of a running svc-stores, over one channel. */
export function connect(target: string, tls: MeshTls) {
  const contract = mallaContract();
  const channel = openChannel({ contract, service: 'svc-stores', target, tls });
  channels.push(channel);
  return {
    channel,
    stores: createClient(channel, StoresServiceService, contract),
    staff: createClient(channel, StaffServiceService, contract),
    categories: createClient(channel, CategoriesServiceService, contract),
    products: createClient(channel, ProductsServiceService, contract),
    catalog: createClient(channel, CatalogServiceService, contract),
    stock: createClient(channel, StockServiceService, contract),
    imports: createClient(channel, ImportsServiceService, contract),
    reservations: createClient(channel, ReservationsServiceService, contract),
  };
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
