import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Context, meshLock, selectProcesses } from '../context.ts';
import { withLock } from '../lock.ts';
import { readEnvFile } from '../mesh/env-files.ts';
import { nodeArguments } from '../mesh/process.ts';
import { folderOf } from '../mesh/processes.ts';
import { stopRunning } from '../mesh/supervise.ts';
import { say } from '../steps.ts';

/** Takes one process out of the running mesh and runs it in the foreground, restarting at every change of its source. */
export const dev = async (context: Context): Promise<void> => {
  const { root, state, env, signal, svc } = context;
  const [spec] = svc === undefined ? [] : selectProcesses(context);
  if (spec === undefined) throw new Error('say which process: make dev svc=svc-users');
  await withLock(root, meshLock(state), signal, () => stopRunning(state, spec.name));
  say(
    `${spec.name} runs here with the environment of ${state.envFile(spec.name)}; make up puts it into the background again.`,
  );
  const devEnv = { ...env, ...readEnvFile(state.envFile(spec.name)) };
  const args = ['--watch', ...nodeArguments(root, spec)];
  const child = spawn(process.execPath, args, { cwd: join(root, folderOf(spec)), env: devEnv, stdio: 'inherit' });
  signal.addEventListener('abort', () => child.kill(), { once: true });
  await once(child, 'exit');
};
