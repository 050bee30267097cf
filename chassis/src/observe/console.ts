import { loggedError } from './logged-error.ts';
import type { Logger } from './logger.ts';

const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const;

/**
 * Takes the console and Node's warnings away from libraries: what they write there is no JSON, and may hold a statement or a
 * token. A line in the log says that one wrote; an error among what it wrote is logged as errors are.
 */
export function silenceConsole(log: Logger): void {
  for (const method of METHODS) {
    console[method] = (...values: unknown[]) => {
      const error = values.find((value) => value instanceof Error);
      log.warn({ method, ...(error !== undefined && { err: loggedError(error) }) }, 'a library wrote to the console');
    };
  }
  process.removeAllListeners('warning');
  process.on('warning', (warning) => log.warn({ err: loggedError(warning) }, 'a warning of Node'));
}
