import { spawn } from 'node:child_process';

const KILL_AFTER_MS = 5_000;

export type ExecOptions = {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Aborted: the command and all it started are ended. */
  readonly signal?: AbortSignal;
  /** Where the output goes as it comes, besides the result. */
  readonly onOutput?: (chunk: string) => void;
};

export type ExecResult = { readonly exitCode: number; readonly output: string };

/** A command that could not start or ended with another code than 0; `output` holds all it said. */
export class CommandError extends Error {
  readonly output: string;
  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}

/**
 * Runs a command in a process group of its own, so that ending it ends its children too, and waits for it.
 * @returns exit code (128 + n after signal n) and stdout and stderr as they came
 * @throws CommandError when it cannot be started; the signal's reason when aborted
 */
export const exec = async (
  command: string,
  args: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> => {
  const { cwd, env, signal, onOutput } = options;
  signal?.throwIfAborted();
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      onOutput?.(chunk);
    });
  }
  const stop = () => endGroup(child.pid);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', (error) => reject(new CommandError(`cannot start ${command}: ${error.message}`, '')));
      child.once('close', (code, name) => resolve(code ?? (name === 'SIGKILL' ? 137 : 143)));
    });
    signal?.throwIfAborted();
    return { exitCode, output };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
};

/**
 * As `exec`, for a command that has to succeed.
 * @returns its output
 * @throws CommandError with the last line of its output when it fails
 */
export const execOrThrow = async (
  command: string,
  args: readonly string[],
  options: ExecOptions = {},
): Promise<string> => {
  const { exitCode, output } = await exec(command, args, options);
  if (exitCode === 0) return output;
  throw new CommandError(`${[command, ...args].join(' ')} failed (exit ${exitCode})`, output);
};

const endGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  setTimeout(() => signalGroup(pid, 'SIGKILL'), KILL_AFTER_MS).unref();
};

const signalGroup = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(-pid, name);
  } catch {
    // the group is gone already
  }
};
