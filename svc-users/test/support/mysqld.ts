import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openOrm } from '../../src/data/orm.ts';

const OWN = join(import.meta.dirname, '../../../.tools/mysql/bin/mysqld');
const SMALL = [
  '--no-defaults',
  '--innodb-buffer-pool-size=64M',
  '--performance-schema=OFF',
  '--disable-log-bin',
  '--secure-file-priv=NULL',
];
const START_MS_MAX = 60_000;
const POLL_MS = 100;

/** The program of a MySQL server on this machine, if there is one. */
export const mysqldProgram: string | undefined = [
  ...(process.env.PATH ?? '').split(delimiter).map((dir) => join(dir, 'mysqld')),
  OWN,
].find((path) => existsSync(path));

/** A MySQL server of a test alone, whose state may be changed. */
export interface Mysqld {
  readonly port: number;
  /** As root. */
  readonly url: string;
  /** Runs statements as root. */
  run(...statements: string[]): Promise<unknown>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Makes another server with the same data. This one must have stopped. */
  copy(): Promise<Mysqld>;
  remove(): Promise<void>;
}

/** Makes a server with no data. It is not started. */
export async function createMysqld(program: string): Promise<Mysqld> {
  const folder = await mkdtemp(join(tmpdir(), 'mysqld-'));
  execFileSync(program, [...SMALL, '--initialize-insecure', `--datadir=${folder}/data`, ...asRoot], {
    stdio: 'ignore',
  });
  return await serverIn(program, folder);
}

const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];

async function serverIn(program: string, folder: string): Promise<Mysqld> {
  const port = await freePort();
  const url = `mysql://root@127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const run = async (...statements: string[]) => {
    const orm = openOrm(`${url}/mysql`);
    try {
      let rows: unknown;
      for (const sql of statements) rows = await orm.em.execute(sql);
      return rows;
    } finally {
      await orm.close();
    }
  };
  const stop = async () => {
    if (child?.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  return {
    port,
    url,
    run,
    stop,
    start: async () => {
      const files = [`--datadir=${folder}/data`, '--socket=mysql.sock', '--pid-file=mysqld.pid', '--mysqlx=OFF'];
      const args = [...SMALL, ...files, `--port=${port}`, '--bind-address=127.0.0.1', ...asRoot];
      child = spawn(program, args, { stdio: 'ignore' });
      await until(() => run('SELECT 1'), START_MS_MAX);
    },
    copy: async () => {
      const other = await mkdtemp(join(tmpdir(), 'mysqld-'));
      await cp(join(folder, 'data'), join(other, 'data'), { recursive: true });
      await rm(join(other, 'data/auto.cnf'), { force: true });
      return await serverIn(program, other);
    },
    remove: async () => {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Tries until it succeeds. @throws what the last try did, `timeoutMs` after the first. */
export async function until<Result>(work: () => Promise<Result>, timeoutMs: number): Promise<Result> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await sleep(POLL_MS);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
