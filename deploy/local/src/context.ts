import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { findProcess } from './arguments.ts';
import { type ProcessSpec, presentProcesses } from './mesh/processes.ts';
import { type State, stateIn } from './mesh/state.ts';
import type { Run } from './run.ts';

/** What every command works with. */
export type Context = {
  /** The clone. */
  readonly root: string;
  /** Its `.tools/`: programs, and what is made once for all. */
  readonly toolsDir: string;
  /** The folder or process that `svc=` names. */
  readonly svc: string | undefined;
  /** What follows that on the command line. */
  readonly args: readonly string[];
  /** `.local/`, or where MALLA_STATE_DIR points. */
  readonly state: State;
  /** The processes whose folders are in the clone. */
  readonly processes: readonly ProcessSpec[];
  readonly env: NodeJS.ProcessEnv;
  /** Aborted when somebody stops the command. */
  readonly signal: AbortSignal;
  readonly run: Run;
};

export const createContext = (command: Pick<Context, 'root' | 'svc' | 'args' | 'signal' | 'run'>): Context => {
  const { env } = process;
  const { root } = command;
  return { ...command, toolsDir: join(root, '.tools'), state: stateOf(root), processes: presentProcesses(root), env };
};

/** `.local/`, or where MALLA_STATE_DIR points. */
export const stateOf = (root: string): State => stateIn(resolve(process.env.MALLA_STATE_DIR || join(root, '.local')));

/** One at a time may start or stop the processes of a state directory. */
export const meshLock = (state: State): string =>
  `mesh-${createHash('sha256').update(state.dir).digest('hex').slice(0, 8)}`;

/**
 * The processes that `svc=` names, or all.
 * @throws Error when there is no such process
 */
export const selectProcesses = ({ processes, svc }: Context): ProcessSpec[] => {
  const spec = findProcess(processes, svc);
  return spec === undefined ? [...processes] : [spec];
};
