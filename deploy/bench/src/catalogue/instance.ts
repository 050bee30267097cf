import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openChannel } from '@malla/chassis/channel';
import { createClient } from '@malla/chassis/client';
import { loadMeshTls } from '@malla/chassis/tls';
import { mallaContract } from '@malla/proto/contract';
import { CatalogServiceService } from '@malla/proto/malla/stores/v1/catalog_service';
import { ReservationsServiceService } from '@malla/proto/malla/stores/v1/reservations_service';
import { StoresServiceService } from '@malla/proto/malla/stores/v1/stores_service';
import type { Mesh } from '../environment.ts';

/** The folder of the service. */
export const SVC_STORES = join(import.meta.dirname, '../../../../svc-stores');
const READY_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** A svc-stores beside the mesh's own, with a catalogue of its own. */
export interface Instance {
  /** How many products its catalogue has. */
  readonly products: number;
  readonly target: string;
  readonly pid: number;
  readonly clients: Clients;
  stop(): Promise<void>;
}

export type Clients = ReturnType<typeof connect>;

/** Brings an empty database up to date and starts a service on it. @throws Error when it does not come. */
export async function startInstance(
  mesh: Mesh,
  stateDir: string,
  { products, databaseUrl }: { readonly products: number; readonly databaseUrl: string },
): Promise<Instance> {
  const port = await freePort();
  const more = { DATABASE_URL: databaseUrl, GRPC_PORT: String(port) };
  // What stands in the environment wins over the file.
  const options = { cwd: SVC_STORES, env: { ...process.env, ...more } };
  const envFile = `--env-file=${join(stateDir, 'env/svc-stores.env')}`;
  execFileSync(process.execPath, [envFile, 'src/migrate.ts'], { ...options, stdio: 'ignore' });
  const child = spawn(process.execPath, [envFile, 'src/main.ts'], {
    ...options,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const target = `dns:///127.0.0.1:${port}`;
  const clients = connect(mesh, stateDir, target);
  await untilReady(child, clients);
  const stop = async () => {
    clients.close();
    child.kill();
    await once(child, 'exit');
  };
  return { products, target, pid: child.pid ?? 0, clients, stop };
}

/** Everybody's RPCs by the developer's certificate, and those for services by that of svc-transactions. */
function connect({ developerFiles }: Mesh, stateDir: string, target: string) {
  const contract = mallaContract();
  const service = 'svc-stores';
  const own = (kind: string) => join(stateDir, `certs/svc-transactions${kind}.pem`);
  const transactions = { TLS_CA_FILE: developerFiles.TLS_CA_FILE, TLS_CERT_FILE: own(''), TLS_KEY_FILE: own('-key') };
  const forAll = openChannel({ contract, service, target, tls: loadMeshTls(developerFiles) });
  const forServices = openChannel({ contract, service, target, tls: loadMeshTls(transactions) });
  return {
    stores: createClient(forAll, StoresServiceService, contract),
    catalog: createClient(forAll, CatalogServiceService, contract),
    reservations: createClient(forServices, ReservationsServiceService, contract),
    close: () => {
      forAll.close();
      forServices.close();
    },
  };
}

async function untilReady(child: ChildProcess, { stores }: Clients): Promise<void> {
  const end = performance.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      await stores.listStores({ pageSize: 1, pageToken: '' });
      return;
    } catch (error) {
      if (child.exitCode !== null || performance.now() > end) throw error;
      await sleep(LOOK_EVERY_MS);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** The pid of the MySQL of the mesh's svc-stores. */
export function mysqlPid(stateDir: string): number {
  return JSON.parse(readFileSync(join(stateDir, 'run/svc-stores-mysql.json'), 'utf8')).pid;
}
