import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEnv, promisify } from 'node:util';
import { Agent, request } from 'undici';
import { ca, cli, stateDir } from '../mesh.ts';
import { type Member, startMember } from './member.ts';
import { freePort } from './ports.ts';
import { SEED, STEPS_SHARE } from './size.ts';

const run = promisify(execFile);
const ROOT = join(dirname(cli), '../..');
/** What stands in for those of the mesh: they would take work from those that are killed. */
const REPLACED = ['svc-stores', 'svc-transactions', 'payment-sandbox'];
const MORTAL = 'test/support/main-with-faults.ts';
/** A replica that asked the provider is taken to be dead after three times this. */
const PROVIDER_TIMEOUT_MS = '1000';
/** A capture that stays declined ends within the test. */
const CAPTURE_GIVE_UP_AFTER_MS = '15000';
const READY_MS = 180_000;

type Env = Readonly<Record<string, string | undefined>>;

/** The processes that the test kills, and who is needed around them. */
export interface Fleet {
  /** Those that die. */
  readonly mortals: readonly Member[];
  /** The gateway that uses all replicas. */
  readonly url: string;
  readonly sandbox: { readonly url: string; readonly apiKey: string; readonly databaseFile: string };
  /** MySQL of a service. */
  databaseUrl(service: 'svc-transactions' | 'svc-stores'): string;
  /** The drawn steps of the saga, and those at which a process has died by itself. */
  steps(): { readonly all: readonly string[]; readonly reached: readonly string[] };
  /** How often processes were killed, by name. */
  deaths(): Readonly<Record<string, number>>;
  /** Those that are not killed, and the test itself. */
  pids(): ReadonlyMap<string, number>;
  /** How processes ended that nobody killed. */
  failures(): string[];
  /** Ends all of them, and starts again those of the mesh. */
  stop(): Promise<void>;
}

/**
 * Starts two replicas of svc-transactions, which die once at each drawn step, two of svc-stores, a sandbox, and a gateway that
 * uses them all: on the mesh's own databases, in place of its own processes.
 */
export async function startFleet(): Promise<Fleet> {
  for (const name of REPLACED) await run(cli, ['stop', name]);
  const folder = join(stateDir, 'faults');
  mkdirSync(folder, { recursive: true });
  const [stores, transactions, sandbox, gateway] = [...REPLACED, 'edge-gateway'].map(envOf) as [Env, Env, Env, Env];
  const ports = {
    gateway: await freePort(),
    stores: [Number(stores.GRPC_PORT), await freePort()],
    transactions: [Number(transactions.GRPC_PORT), await freePort()],
  };
  const url = `https://localhost:${ports.gateway}`;
  const SVC_STORES_TARGET = targetOf(ports.stores);
  const drawn = { FAULTS_FOLDER: folder, FAULTS_SHARE: `${STEPS_SHARE}`, FAULTS_SEED: `${SEED}` };
  const faults = { ...drawn, PROVIDER_TIMEOUT_MS, CAPTURE_GIVE_UP_AFTER_MS, SVC_STORES_TARGET };
  const webhook = { SANDBOX_WEBHOOK_URL: `${url}/v1/transactions/providers/sandbox/webhook` };
  const UPSTREAMS = [
    `svc-users=${transactions.SVC_USERS_TARGET}`,
    `svc-stores=${SVC_STORES_TARGET}`,
    `svc-transactions=${targetOf(ports.transactions)}`,
  ].join(',');
  const mortals = [
    ...ports.stores.map((port, at) =>
      start(`svc-stores-${at}`, 'svc-stores', 'src/main.ts', { ...stores, GRPC_PORT: `${port}` }),
    ),
    ...ports.transactions.map((port, at) =>
      start(`svc-transactions-${at}`, 'svc-transactions', MORTAL, { ...transactions, ...faults, GRPC_PORT: `${port}` }),
    ),
    start('payment-sandbox', 'svc-transactions', 'src/sandbox/main.ts', { ...sandbox, ...webhook }),
  ];
  const front = start('edge-gateway', 'edge-gateway', 'src/main.ts', {
    ...gateway,
    HTTPS_PORT: `${ports.gateway}`,
    UPSTREAMS,
  });
  const members = [...mortals, front];
  const databases = { 'svc-transactions': transactions.DATABASE_URL, 'svc-stores': stores.DATABASE_URL };
  const stop = async () => {
    await Promise.all(members.map((member) => member.stop()));
    await run(cli, ['start']);
  };
  await ready(url).catch(async (error: unknown) => {
    // Whoever gets no fleet cannot stop it, and a test does not end before its processes do.
    await stop();
    throw error;
  });
  return {
    mortals,
    url,
    sandbox: {
      url: `http://127.0.0.1:${sandbox.SANDBOX_PORT}`,
      apiKey: sandbox.SANDBOX_API_KEY ?? '',
      databaseFile: sandbox.SANDBOX_DATABASE_FILE ?? '',
    },
    databaseUrl: (service) => databases[service] ?? '',
    steps: () => ({
      all: JSON.parse(readFileSync(join(folder, 'steps.json'), 'utf8')),
      reached: readdirSync(join(folder, 'reached')),
    }),
    deaths: () => Object.fromEntries(mortals.map(({ name, deaths }) => [name, deaths])),
    pids: () =>
      new Map([
        [front.name, front.pid],
        ['svc-users', pidOf('svc-users')],
        ['test', process.pid],
      ]),
    failures: () => members.flatMap(({ failures }) => failures),
    stop,
  };
}

function start(name: string, folder: string, script: string, env: Env): Member {
  const cache = join(stateDir, 'compile-cache');
  const logFile = join(stateDir, 'logs', `crash-${name}.log`);
  // MALLA_RUN: whoever started the mesh ends what is marked by it, should this test be ended itself.
  const { PATH, MALLA_RUN } = process.env;
  const inherited = { PATH, MALLA_RUN, NODE_COMPILE_CACHE: cache };
  return startMember({
    name,
    cwd: join(ROOT, folder),
    script,
    env: { ...inherited, ...env, LOG_LEVEL: 'warn' },
    logFile,
    port: Number(env.GRPC_PORT ?? env.HTTPS_PORT ?? env.SANDBOX_PORT),
    isWarmed: script === MORTAL,
  });
}

/** The environment in which the mesh runs a process. */
function envOf(name: string): Env {
  return parseEnv(readFileSync(join(stateDir, 'env', `${name}.env`), 'utf8'));
}

function targetOf(ports: readonly number[]): string {
  return `ipv4:${ports.map((port) => `127.0.0.1:${port}`).join(',')}`;
}

/** Of a process of the mesh. */
function pidOf(name: string): number {
  return Number(JSON.parse(readFileSync(join(stateDir, 'run', `${name}.json`), 'utf8')).pid);
}

async function ready(url: string): Promise<void> {
  const dispatcher = new Agent({ connect: { ca } });
  const end = Date.now() + READY_MS;
  for (;;) {
    // The gateway is ready with any one upstream; a purchase needs all of them.
    const upstreams = await request(`${url}/readyz`, { dispatcher }).then(
      async ({ body }) => ((await body.json()) as { upstreams?: Record<string, string> }).upstreams ?? {},
      () => ({}),
    );
    const states = Object.values(upstreams);
    if (states.length > 0 && states.every((state) => state === 'SERVING')) return dispatcher.close();
    if (Date.now() > end) throw new Error(`${url} is not ready: ${JSON.stringify(upstreams)}`);
    await sleep(100);
  }
}
