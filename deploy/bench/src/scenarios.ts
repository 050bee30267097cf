import { randomUUID } from 'node:crypto';
import { Metadata } from '@grpc/grpc-js';
import { openChannel } from '@malla/chassis/channel';
import { createClient } from '@malla/chassis/client';
import { loadMeshTls } from '@malla/chassis/tls';
import { mallaContract } from '@malla/proto/contract';
import { UsersServiceService } from '@malla/proto/malla/users/v1/users_service';
import type { Mesh } from './environment.ts';
import { httpTarget } from './http-target.ts';
import type { Request } from './load.ts';

/** Something to measure, and the processes whose CPU time it is charged to. */
export interface Scenario {
  readonly name: string;
  readonly processes: Readonly<Record<string, number>>;
  /** Prepares for `clients` clients. */
  open(clients: number): { request: Request; close: () => Promise<void> };
}

const NO_DATABASE = '/.well-known/openid-configuration';
const DATABASE = '/v1/users/me';

/** Every scenario, from what cannot be saved to the whole way to MySQL and back. */
export async function scenarios(mesh: Mesh, staticUrl: string, staticPid: number): Promise<Scenario[]> {
  const gateway = { 'edge-gateway': mesh.pidOf('edge-gateway') };
  const service = { 'svc-users': mesh.pidOf('svc-users') };
  const users = grpcClient(mesh);
  const { accessToken } = await users.registerUser({
    email: `${randomUUID()}@example.com`,
    password: randomUUID(),
    displayName: 'Bench',
  });
  const authorization = `Bearer ${accessToken}`;
  const https = (name: string, url: string, processes: Record<string, number>, headers: Record<string, string>) => ({
    name,
    processes,
    open: (clients: number) => httpTarget(url, clients, { ca: mesh.ca, headers }),
  });
  const grpc = (name: string, request: Request): Scenario => ({
    name,
    processes: service,
    open: () => ({ request, close: async () => undefined }),
  });
  const asUser = () => {
    const metadata = new Metadata();
    metadata.set('authorization', authorization);
    return { metadata };
  };
  return [
    https('static route, HTTPS', `${staticUrl}/static`, { static: staticPid }, {}),
    https('RPC without database, HTTPS, kept at the edge', mesh.url + NO_DATABASE, { ...gateway, ...service }, {}),
    https('RPC with database, HTTPS', mesh.url + DATABASE, { ...gateway, ...service }, { authorization }),
    grpc('RPC without database, gRPC', async () => void (await users.getOpenIdConfiguration({}))),
    grpc('RPC with database, gRPC', async () => void (await users.getProfile({}, asUser()))),
  ];
}

function grpcClient(mesh: Mesh) {
  const contract = mallaContract();
  const tls = loadMeshTls(mesh.developerFiles);
  const channel = openChannel({ contract, service: 'svc-users', target: `dns:///${mesh.usersAddress}`, tls });
  return createClient(channel, UsersServiceService, contract);
}
