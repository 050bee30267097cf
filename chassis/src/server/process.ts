import { silenceConsole } from '../observe/console.ts';
import { loggedError } from '../observe/logged-error.ts';
import type { Logger } from '../observe/logger.ts';

/** Something that runs until it is told to stop. */
export interface Running {
  /** Finishes what runs and lets go of everything. Resolves when the process may end. */
  stop(): Promise<void>;
  /** How long that may take, in milliseconds. Default: 30,000. */
  readonly stopTimeoutMs?: number;
}

const STOP_TIMEOUT_MS = 30_000;

/**
 * Runs a process: starts it, stops it gracefully on SIGTERM or SIGINT and exits 0. A failed start, a failed or endless stop
 * and an exception that nobody caught are logged and exit 1: a process in an unknown state does not go on. A promise that
 * was rejected and forgotten is logged: it cost its own request, and need not cost the others.
 */
export function runProcess(log: Logger, start: () => Promise<Running>): void {
  silenceConsole(log);
  const die = (message: string) => (error: unknown) => {
    log.fatal({ err: loggedError(error) }, message);
    process.exit(1);
  };
  process.on('uncaughtException', die('uncaught exception'));
  process.on('unhandledRejection', (error) => log.error({ err: loggedError(error) }, 'unhandled rejection'));
  const started = Promise.resolve().then(start);
  started.catch(die('could not start'));
  const dieAfter = (timeoutMs: number) =>
    setTimeout(die('could not stop in time'), timeoutMs, new Error(`it took over ${timeoutMs} ms`)).unref();
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    let timer = dieAfter(STOP_TIMEOUT_MS);
    const end = (running: Running) => {
      clearTimeout(timer);
      timer = dieAfter(running.stopTimeoutMs ?? STOP_TIMEOUT_MS);
      return running.stop();
    };
    started.then(end).then(() => process.exit(0), die('could not stop'));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
