import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Config } from '../../src/config.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A process of its own that serves svc-stores. */
export interface Replica {
  readonly port: number;
  readonly process: ChildProcess;
}

/** Starts `src/main.ts` as a process. @param port 0 for any free one. */
export async function startReplica(config: Config, port = 0): Promise<Replica> {
  const { PAGE_TOKEN_KEY, EXTERNAL_ISSUERS, ...texts } = config;
  const env = {
    ...Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, String(value)])),
    PATH: process.env.PATH,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    GRPC_PORT: String(port),
    PAGE_TOKEN_KEY: Buffer.from(PAGE_TOKEN_KEY).toString('base64'),
    EXTERNAL_ISSUERS: JSON.stringify(EXTERNAL_ISSUERS),
    LOG_LEVEL: 'info',
  };
  const child = spawn(process.execPath, ['src/main.ts'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, port: bound } = JSON.parse(line) as { msg: string; port: number };
    if (msg === 'listening') {
      child.stdout.resume();
      return { port: bound, process: child };
    }
  }
  throw new Error('the replica ended before it listened');
}

/** Ends a process at once, as a crash does. */
export async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
