import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const KILL_AFTER_MS = 5_000;
const OUTPUT_WITHIN_MS = 1_000;
/** As timeout(1) exits. */
const TIMED_OUT = 124;

export type ExecOptions = {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Aborted: the command and all it started are ended. */
  readonly signal?: AbortSignal;
  /** After this long it is ended, with exit code 124. */
  readonly timeoutMs?: number;
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
  const { cwd, env, signal, timeoutMs, onOutput } = options;
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
  const tooLate = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  tooLate?.addEventListener('abort', stop, { once: true });
  try {
    const exitCode = await exitCodeOf(child);
    signal?.throwIfAborted();
    if (!tooLate?.aborted) return { exitCode, output };
    return { exitCode: TIMED_OUT, output: `${output}\n${command} did not end within ${(timeoutMs ?? 0) / 1000} s\n` };
  } finally {
    signal?.removeEventListener('abort', stop);
    tooLate?.removeEventListener('abort', stop);
  }
};

/** Waits for the exit and then for the end of the output, but not for long: a child may have left it to another. */
const exitCodeOf = async (child: ChildProcess): Promise<number> => {
  const closed = once(child, 'close');
  closed.catch(() => undefined);
  try {
    const [code, signal] = await once(child, 'exit');
    await Promise.race([closed, delay(OUTPUT_WITHIN_MS, undefined, { ref: false })]);
    return code ?? 128 + constants.signals[signal as NodeJS.Signals];
  } catch (error) {
    throw new CommandError(`cannot start ${child.spawnfile}: ${error instanceof Error ? error.message : error}`, '');
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
  const where = options.cwd === undefined ? '' : ` in ${relative(process.cwd(), options.cwd) || '.'}`;
  throw new CommandError(`${command} ${args[0] ?? ''} failed${where} (exit ${exitCode})`, output);
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
