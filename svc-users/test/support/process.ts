import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

type Entry = Record<string, unknown>;

/** A process of this folder that runs. */
export interface RunningProcess {
  readonly process: ChildProcess;
  /** Resolves with the first log entry that has this message. */
  entry(message: string): Promise<Entry>;
  /** Resolves with the exit code and everything that was written, when the process has ended. */
  ended(): Promise<{ code: number | null; output: string }>;
}

/** Runs a script as a process of its own, with nothing of ours in its environment but `env`. */
export function run(
  script: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): RunningProcess {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [script, ...args], { env: { PATH, NODE_COMPILE_CACHE, ...env } });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      lines.push(line);
      for (const look of waiting) look();
    });
  }
  const closed = once(child, 'close');
  const output = () => lines.join('\n');
  return {
    process: child,
    entry: (message) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const line = lines.find((text) => text.includes(`"msg":"${message}"`));
          if (line === undefined) return;
          waiting.delete(look);
          resolve(JSON.parse(line) as Entry);
        };
        waiting.add(look);
        closed.then(() => reject(new Error(`ended without saying ${message}:\n${output()}`)), reject);
        look();
      }),
    ended: async () => {
      const [code] = (await closed) as [number | null];
      return { code, output: output() };
    },
  };
}
