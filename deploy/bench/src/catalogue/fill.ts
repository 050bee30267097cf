import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { openChannel } from '@malla/chassis/channel';
import { createClient } from '@malla/chassis/client';
import { loadMeshTls } from '@malla/chassis/tls';
import { mallaContract } from '@malla/proto/contract';
import { UsersServiceService } from '@malla/proto/malla/users/v1/users_service';
import { cpuTimeUs } from '../cpu-time.ts';
import type { Mesh } from '../environment.ts';
import { type Instance, SVC_STORES } from './instance.ts';

const STORES = 10;
const STREAMS = 2;
/** A token lives for fifteen minutes, and a large catalogue may take longer. */
const NEW_TOKEN_EVERY_MS = 300_000;
const REST_MS = 1_000;
/** CPU time of a MySQL that has written everything away, in a second. */
const QUIET_US = 50_000;
const QUIET_WITHIN_MS = 180_000;

/** What it cost to fill a catalogue through ImportProducts. */
export interface Filling {
  readonly products: number;
  readonly productsPerSecond: number;
  /** CPU time of each process for a thousand products, in milliseconds. */
  readonly cpuMs: Readonly<Record<string, number>>;
}

/** Fills the catalogue of an instance by the loader of svc-stores. @throws Error when that fails. */
export async function fill(mesh: Mesh, stateDir: string, instance: Instance, mysqlPid: number): Promise<Filling> {
  const token = await keepToken(mesh, join(stateDir, `loader-token-${instance.products}`));
  const pids = { 'svc-stores': instance.pid, mysqld: mysqlPid };
  const before = Object.entries(pids).map(([name, pid]) => [name, cpuTimeUs(pid)] as const);
  const args = ['scripts/load.ts', '--target', instance.target, '--products', String(instance.products)];
  const child = spawn(process.execPath, [...args, '--stores', String(STORES), '--streams', String(STREAMS)], {
    cwd: SVC_STORES,
    env: { ...process.env, ...mesh.developerFiles, ACCESS_TOKEN_FILE: token.file },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    if (code !== 0) throw new Error(`the loader ended with ${code}`);
    const { productsPerSecond } = JSON.parse(said);
    const perThousand = (us: number) => us / instance.products;
    const cpuMs = before.map(([name, us]) => [name, perThousand(cpuTimeUs(pids[name as keyof typeof pids]) - us)]);
    return { products: instance.products, productsPerSecond, cpuMs: Object.fromEntries(cpuMs) };
  } finally {
    token.drop();
  }
}

/** Waits until MySQL has done what it puts off: pages to write, words to sort into the full-text index. */
export async function untilQuiet(mysqlPid: number): Promise<void> {
  const end = performance.now() + QUIET_WITHIN_MS;
  for (let quiet = 0; quiet < 3 && performance.now() < end; ) {
    const before = cpuTimeUs(mysqlPid);
    await sleep(REST_MS);
    quiet = cpuTimeUs(mysqlPid) - before < QUIET_US ? quiet + 1 : 0;
  }
}

/** Keeps a fresh access token of a new user in a file. */
async function keepToken({ usersAddress, developerFiles }: Mesh, file: string) {
  const contract = mallaContract();
  const target = `dns:///${usersAddress}`;
  const channel = openChannel({ contract, service: 'svc-users', target, tls: loadMeshTls(developerFiles) });
  const users = createClient(channel, UsersServiceService, contract);
  const login = { email: `${randomUUID()}@example.com`, password: randomUUID() };
  const write = ({ accessToken }: { accessToken: string }) => writeFileSync(file, accessToken, { mode: 0o600 });
  write(await users.registerUser({ ...login, displayName: 'Loader' }));
  const again = () => users.login(login).then(write);
  const timer = setInterval(() => again().catch(console.error), NEW_TOKEN_EVERY_MS);
  const drop = () => {
    clearInterval(timer);
    channel.close();
  };
  return { file, drop };
}
