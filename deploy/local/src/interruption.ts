import { constants } from 'node:os';

const PARENT_POLL_MS = 250;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Somebody asked this command to stop. */
export class Interrupted extends Error {
  /** 128 and the signal's number, as shells do. */
  readonly exitCode: number;
  constructor(cause: NodeJS.Signals) {
    super(`interrupted (${cause})`);
    this.exitCode = 128 + constants.signals[cause];
  }
}

/**
 * A signal that is aborted once, with `Interrupted`, when this process is told to stop, or when its parent dies: a make
 * that is killed cannot tell its children.
 */
export const watchForInterruption = (): AbortSignal => {
  const controller = new AbortController();
  const abort = (cause: NodeJS.Signals) => controller.abort(new Interrupted(cause));
  for (const name of SIGNALS) process.on(name, () => abort(name));
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) abort('SIGHUP');
  }, PARENT_POLL_MS).unref();
  return controller.signal;
};
