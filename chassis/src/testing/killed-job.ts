import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** When a query is the one to be killed at: before the server hears of it, when it does, or when it has answered. */
export type Moment = 'before' | 'during' | 'after';

export interface KilledJob {
  /** The service's folder. */
  readonly folder: string;
  readonly databaseUrl: string;
  /** Chooses the query at which the job is killed by the text of each query; undefined lets the query pass. */
  momentOf(query: string): Moment | undefined;
}

const HEADER_BYTES = 4;
const COM_QUERY = 3;
const JOB_TIMEOUT_MS = 60_000;

/**
 * Runs `src/migrate.ts` of a service as a process, by way of a proxy in front of its MySQL, and ends it with SIGKILL.
 * @returns whether it was killed, or ended by itself before.
 * @throws Error with what the job wrote when it failed by itself.
 */
export async function killJob({ folder, databaseUrl, momentOf }: KilledJob): Promise<'killed' | 'completed'> {
  const target = new URL(databaseUrl);
  const killed = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const database = connect(Number(target.port || 3306), target.hostname);
    for (const socket of [client, database]) sockets.add(socket.on('error', () => socket.destroy()));
    client.on('close', () => database.end());
    database.on('close', () => client.end());
    const queries = queryReader();
    client.on('data', (chunk: Buffer) => {
      const moment = queries(chunk).map(momentOf).find(Boolean);
      if (moment !== 'before') database.write(chunk);
      if (moment === 'after') database.once('data', () => killed.resolve());
      else if (moment) killed.resolve();
    });
    database.on('data', (chunk) => client.write(chunk));
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = Object.assign(new URL(target), { host: `127.0.0.1:${(proxy.address() as AddressInfo).port}` });
  try {
    return await runJob(folder, url.href, killed.promise);
  } finally {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  }
}

async function runJob(folder: string, databaseUrl: string, killed: Promise<void>): Promise<'killed' | 'completed'> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const env = { PATH, NODE_COMPILE_CACHE, DATABASE_URL: databaseUrl };
  const job = spawn(process.execPath, ['src/migrate.ts'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: JOB_TIMEOUT_MS,
  });
  let output = '';
  for (const stream of [job.stdout, job.stderr]) stream.on('data', (chunk) => (output += chunk));
  void killed.then(() => job.kill('SIGKILL'));
  const [exitCode, signal] = await once(job, 'close');
  if (signal === 'SIGKILL') return 'killed';
  if (exitCode !== 0) throw new Error(`the migration job failed: ${output}`);
  return 'completed';
}

/** Reads the queries of a client of MySQL, which may come in any pieces. */
function queryReader(): (chunk: Buffer) => string[] {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const queries: string[] = [];
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= HEADER_BYTES && pending.length >= HEADER_BYTES + pending.readUIntLE(0, 3)) {
      const end = HEADER_BYTES + pending.readUIntLE(0, 3);
      const [sequence, code] = [pending[3], pending[HEADER_BYTES]];
      if (sequence === 0 && code === COM_QUERY) queries.push(pending.toString('utf8', HEADER_BYTES + 1, end));
      pending = pending.subarray(end);
    }
    return queries;
  };
}
