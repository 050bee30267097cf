import { DomainError } from './errors.ts';

/** Counts the calls that run. A full server says so at once instead of queueing. */
export interface Capacity {
  /** @throws DomainError `exhausted` (SERVER_BUSY) when as many calls run as may. */
  take(): void;
  give(): void;
}

const RETRY_AFTER_MS = 1_000;

/** Room for `callsMax` calls at once. */
export function createCapacity(callsMax: number): Capacity {
  let running = 0;
  return {
    take: () => {
      if (running >= callsMax) {
        throw new DomainError('exhausted', 'SERVER_BUSY', 'The service is busy.', { retryAfterMs: RETRY_AFTER_MS });
      }
      running += 1;
    },
    give: () => {
      running -= 1;
    },
  };
}
