import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { listens } from './ports.ts';

const PAUSE_MS = 200;

/** A process that is started again whenever it ends. */
export interface Member {
  readonly name: string;
  /** Of the process that it is now. */
  readonly pid: number;
  /** Whether it listens. */
  isUp(): Promise<boolean>;
  /** Ends it as a crash does. */
  kill(): void;
  /** How often it was killed, by itself or others. */
  readonly deaths: number;
  /** How it ended otherwise: it never should. */
  readonly failures: readonly string[];
  /** Ends it for good. */
  stop(): Promise<void>;
}

export interface MemberOptions {
  readonly name: string;
  /** The folder in which it runs, and the script that it is. */
  readonly cwd: string;
  readonly script: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  /** Where it listens, on this machine. */
  readonly port: number;
  /** Whether the script waits, loaded, for a message before it begins: the next one then does so while this one lives. */
  readonly isWarmed: boolean;
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown[]>;
}

export function startMember({ name, cwd, script, env, logFile, port, isWarmed }: MemberOptions): Member {
  const log = openSync(logFile, 'a', 0o600);
  const failures: string[] = [];
  let [deaths, stopped] = [0, false];
  const start = (): Started => {
    const stdio = ['ignore', log, log, ...(isWarmed ? (['ipc'] as const) : [])] as const;
    const child = spawn(process.execPath, [script], { cwd, env, stdio: [...stdio] });
    return { child, ended: once(child, 'exit') };
  };
  let [running, next] = [start(), undefined as Started | undefined];
  const live = async () => {
    for (;;) {
      if (isWarmed) {
        running.child.send('begin', () => undefined);
        next = start();
      }
      const [code, signal] = (await running.ended) as [number | null, NodeJS.Signals | null];
      if (stopped) return;
      deaths += 1;
      if (signal !== 'SIGKILL') {
        failures.push(`${name} ended with ${code ?? signal}: ${logFile}`);
        await sleep(PAUSE_MS);
        if (stopped) return;
      }
      running = next ?? start();
    }
  };
  const lived = live();
  return {
    name,
    get pid() {
      return running.child.pid ?? 0;
    },
    isUp: () => listens(port),
    kill: () => void running.child.kill('SIGKILL'),
    get deaths() {
      return deaths;
    },
    failures,
    stop: async () => {
      stopped = true;
      running.child.kill('SIGTERM');
      next?.child.kill('SIGKILL');
      await lived;
    },
  };
}
