import type { Logger } from './logger.ts';

/** Something that runs until it is told to stop. */
export interface Running {
  /** Finishes what runs and lets go of everything. Resolves when the process may end. */
  stop(): Promise<void>;
}

const STOP_TIMEOUT_MS = 30_000;

/**
 * Runs a process: starts it, stops it gracefully on SIGTERM or SIGINT and exits 0. A failed start, a failed or endless stop
 * and an exception that nobody caught are logged and exit 1: a process in an unknown state does not go on. A promise that
 * was rejected and forgotten is logged: it cost its own request, and need not cost the others.
 */
export function runProcess(log: Logger, start: () => Promise<Running>): void {
  const die = (message: string) => (error: unknown) => {
    log.fatal({ err: error }, message);
    process.exit(1);
  };
  process.on('uncaughtException', die('uncaught exception'));
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));
  const started = start();
  started.catch(die('could not start'));
  const stop = (signal: NodeJS.Signals) => {
    log.info({ signal }, 'stopping');
    setTimeout(() => die('could not stop in time')(undefined), STOP_TIMEOUT_MS).unref();
    started.then((running) => running.stop()).then(() => process.exit(0), die('could not stop'));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
