import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 200;

/** A process that is started again whenever it ends. */
export interface Member {
  readonly name: string;
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
}

export function startMember({ name, cwd, script, env, logFile }: MemberOptions): Member {
  const log = openSync(logFile, 'a', 0o600);
  const failures: string[] = [];
  let [deaths, stopped] = [0, false];
  let child: ChildProcess;
  const live = async () => {
    while (!stopped) {
      child = spawn(process.execPath, [script], { cwd, env, stdio: ['ignore', log, log] });
      const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      if (stopped) return;
      deaths += 1;
      if (signal === 'SIGKILL') continue;
      failures.push(`${name} ended with ${code ?? signal}: ${logFile}`);
      await sleep(PAUSE_MS);
    }
  };
  const lived = live();
  return {
    name,
    kill: () => void child.kill('SIGKILL'),
    get deaths() {
      return deaths;
    },
    failures,
    stop: async () => {
      stopped = true;
      child.kill('SIGTERM');
      await lived;
    },
  };
}
