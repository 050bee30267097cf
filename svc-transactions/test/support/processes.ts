import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Config } from '../../src/config.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A process of its own that listens somewhere. */
export interface RunningProcess {
  readonly port: number;
  readonly process: ChildProcess;
}

/** Starts a script as a process, and waits until it listens. */
export async function startProcess(script: string, env: Readonly<Record<string, string>>): Promise<RunningProcess> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [script], {
    cwd: ROOT,
    env: { PATH, NODE_COMPILE_CACHE, NODE_NO_WARNINGS: '1', LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, port } = JSON.parse(line) as { msg: string; port: number };
    if (msg !== 'listening') continue;
    child.stdout.resume();
    return { port, process: child };
  }
  throw new Error(`${script} ended before it listened`);
}

/** Kills a process as a crash does. */
export async function kill({ process: child }: RunningProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** A configuration as the environment has it. */
export function environmentOf(config: Config): Record<string, string> {
  const {
    PAGE_TOKEN_KEY,
    KEY_ENCRYPTION_KEY,
    EXTERNAL_ISSUERS,
    TAX_BASIS_POINTS,
    LOG_LEVEL: _quiet,
    ...texts
  } = config;
  return {
    ...Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, String(value)])),
    PAGE_TOKEN_KEY: Buffer.from(PAGE_TOKEN_KEY).toString('base64'),
    KEY_ENCRYPTION_KEY: Buffer.from(KEY_ENCRYPTION_KEY).toString('base64'),
    EXTERNAL_ISSUERS: JSON.stringify(EXTERNAL_ISSUERS),
    TAX_BASIS_POINTS: JSON.stringify(Object.fromEntries(TAX_BASIS_POINTS)),
  };
}
