import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { startThrowawayMesh } from '../testing/throwaway-mesh.ts';

/** Runs the tests of the whole mesh against one of their own. */
export const e2e = (context: Context): Promise<void> => inMesh(context, 'deploy/e2e', ['test', '--silent']);

/** Measures a mesh of its own. */
export const bench = (context: Context): Promise<void> => inMesh(context, 'deploy/bench', ['run', '--silent', 'bench']);

const inMesh = async (context: Context, path: string, npmArgs: readonly string[]): Promise<void> => {
  const cwd = join(context.root, path);
  if (!existsSync(cwd)) throw new Error(`there is no ${path} yet`);
  const env = { ...context.env, ...(await startThrowawayMesh(context)) };
  const child = spawn('npm', npmArgs, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
  context.signal.addEventListener('abort', () => child.kill(), { once: true });
  process.exitCode = await exitCodeOf(child);
  context.signal.throwIfAborted();
};

const exitCodeOf = async (child: ChildProcess): Promise<number> => {
  const [code] = await once(child, 'exit');
  return code ?? 1;
};
