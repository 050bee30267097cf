import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Context, selectProcesses } from '../context.ts';
import { readEnvFile } from '../mesh/env-files.ts';
import { folderOf } from '../mesh/processes.ts';

/** Runs an npm script of a process once, in the environment that the process has: `job svc-users grant ada@example.com …`. */
export const job = async (context: Context): Promise<void> => {
  const { root, state, env, signal, svc, args } = context;
  const [script, ...more] = args;
  const [spec] = svc === undefined ? [] : selectProcesses(context);
  if (spec === undefined || script === undefined) throw new Error('say whose script: job svc-users grant …');
  if (!existsSync(state.envFile(spec.name))) throw new Error(`${spec.name} has no environment yet: make up writes it`);
  const child = spawn('npm', ['run', '--silent', script, '--', ...more], {
    cwd: join(root, folderOf(spec)),
    env: { ...env, ...readEnvFile(state.envFile(spec.name)) },
    stdio: 'inherit',
  });
  signal.addEventListener('abort', () => child.kill(), { once: true });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
};
