import { existsSync } from 'node:fs';
import type { Context } from '../context.ts';
import { selectProcesses } from '../context.ts';
import { lastWords, readLogFrom } from '../mesh/log-lines.ts';
import { findRunning } from '../mesh/pid-files.ts';
import { isHealthy } from '../mesh/process.ts';
import type { ProcessSpec } from '../mesh/processes.ts';
import type { State } from '../mesh/state.ts';
import { mysqlName } from '../mysql/instance.ts';
import { runningPort } from '../mysql/server.ts';
import { say } from '../steps.ts';

type Line = { readonly name: string; readonly pid: number | undefined; readonly said: string; readonly bad: boolean };

/** Lists every process with its pid and health. The exit code is 1 when one crashed or is not healthy. */
export const status = async (context: Context): Promise<void> => {
  const { state } = context;
  for (const spec of selectProcesses(context)) {
    const lines = [await processLine(state, spec), ...(spec.kind === 'service' ? [mysqlLine(state, spec.name)] : [])];
    for (const { name, pid, said, bad } of lines) {
      say(`  ${name.padEnd(24)} ${String(pid ?? '-').padStart(8)}  ${said}`);
      if (bad) process.exitCode = 1;
    }
  }
};

const processLine = async (state: State, spec: ProcessSpec): Promise<Line> => {
  const running = findRunning(state, spec.name);
  if (running === undefined) return stopped(state, spec.name);
  const healthy = await isHealthy(state, spec).catch(() => false);
  return { name: spec.name, pid: running.pid, said: healthy ? 'healthy' : 'not healthy', bad: !healthy };
};

const mysqlLine = (state: State, owner: string): Line => {
  const name = mysqlName(owner);
  const port = runningPort(state, owner);
  return port === undefined
    ? stopped(state, name)
    : { name, pid: findRunning(state, name)?.pid, said: `running on ${port}`, bad: false };
};

/** Only a process that nobody stopped leaves its pid file. */
const stopped = (state: State, name: string): Line => {
  if (!existsSync(state.pidFile(name))) return { name, pid: undefined, said: 'stopped', bad: false };
  const logFile = state.logFile(name);
  const words = lastWords(readLogFrom(logFile, 0));
  const said = words === undefined ? 'ended without a word, as one that is killed' : `crashed: ${words}`;
  return { name, pid: undefined, said: `${said} (log: ${logFile})`, bad: true };
};
