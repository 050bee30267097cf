import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { findProcess } from '../arguments.ts';
import type { Context } from '../context.ts';
import { exec } from '../exec.ts';
import { readEnvFile } from '../mesh/env-files.ts';
import { usefulLine } from '../mesh/log-lines.ts';
import { folderOf } from '../mesh/processes.ts';
import { runningPort } from '../mysql/server.ts';
import { say } from '../steps.ts';

/** Scripts that say what they did in lines of JSON, for whoever audits them. */
const AUDITED: ReadonlySet<string> = new Set(['grant', 'revoke']);

/** Runs an npm script of a process once, in the environment that the process has: `job svc-users grant ada@example.com …`. */
export const job = async (context: Context): Promise<void> => {
  const { root, state, svc, signal, args } = context;
  const [script, ...more] = args;
  const spec = findProcess(context.processes, svc);
  if (spec === undefined || script === undefined) throw new Error('say whose script: job svc-users grant …');
  if (spec.kind === 'service' && runningPort(state, spec.name) === undefined)
    throw new Error(`the MySQL of ${spec.name} does not run: make up starts it`);
  const cwd = join(root, folderOf(spec));
  const env = { ...context.env, ...readEnvFile(state.envFile(spec.name)) };
  const npmArgs = ['run', '--silent', script, '--', ...more];
  if (AUDITED.has(script)) return inOneSentence(await exec('npm', npmArgs, { cwd, env, signal }));
  const child = spawn('npm', npmArgs, { cwd, env, stdio: 'inherit' });
  signal.addEventListener('abort', () => child.kill(), { once: true });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
};

/** @throws Error with what the script says is wrong */
const inOneSentence = ({ exitCode, output }: { readonly exitCode: number; readonly output: string }): void => {
  const line = output.split('\n').findLast((text) => text.startsWith('{'));
  const { problem, userId, change, changed, permissions } = line === undefined ? {} : JSON.parse(line);
  if (exitCode !== 0) throw new Error(problem ?? usefulLine(output));
  const done = change === 'grant' ? 'now has' : 'no longer has';
  const what = changed.length > 0 ? `${done} ${changed.join(', ')}` : 'has no other permissions than before';
  const all = permissions.length > 0 ? permissions.join(', ') : 'none';
  say(`${userId} ${what}; all of them: ${all}. Tokens have them from the next login or refresh on.`);
};
