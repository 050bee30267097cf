import { DomainError } from '../lib/errors.ts';
import type { Party } from './party.ts';

const RETRY_AFTER_MS = 1_000;

/**
 * The refusal of a full house. The caller may come again later; no channel sends the call again by itself, since retries
 * multiply the load that is shed.
 */
export function busy(reason: string, message: string, retryAfterMs = RETRY_AFTER_MS): DomainError {
  return new DomainError('unavailable', reason, message, { retryAfterMs, retryAtOnce: false });
}

/** Counts the work that runs. When the room is full, more work is refused at once instead of queued. */
export interface Capacity {
  /** @throws DomainError `unavailable` (SERVER_BUSY) when the room is full. */
  take(): void;
  give(): void;
}

/** Room for `max` pieces of work at once. */
export function createCapacity(max: number): Capacity {
  let running = 0;
  return {
    take: () => {
      if (running >= max) throw busy('SERVER_BUSY', 'The service is busy.');
      running += 1;
    },
    give: () => {
      running -= 1;
    },
  };
}

/**
 * How much of a room each party may fill, together with the parties before it: `public` for calls without a user, `user` for
 * all calls from the edge, `mesh` for everything. The difference between two numbers is kept for the later party.
 */
export type Shares = Readonly<Record<Party, number>>;

/** A room whose last places are kept for the parties that others depend on. */
export interface Room {
  /** @returns false when the party's share is full. */
  enter(party: Party): boolean;
  leave(party: Party): void;
}

const COUNTED_FOR: Readonly<Record<Party, readonly Party[]>> = {
  public: ['public', 'user', 'mesh'],
  user: ['user', 'mesh'],
  mesh: ['mesh'],
};

export function createRoom(shares: Shares): Room {
  const taken: Record<Party, number> = { public: 0, user: 0, mesh: 0 };
  return {
    enter: (party) => {
      const counted = COUNTED_FOR[party];
      if (counted.some((one) => taken[one] >= shares[one])) return false;
      for (const one of counted) taken[one] += 1;
      return true;
    },
    leave: (party) => {
      for (const one of COUNTED_FOR[party]) taken[one] -= 1;
    },
  };
}

/** Counts by key. */
export interface Tally {
  /** @returns false when the key has its `max` already. */
  enter(key: string): boolean;
  leave(key: string): void;
}

/** At most `max` of each key. A key that nobody holds takes no memory. */
export function createTally(max: number): Tally {
  const counts = new Map<string, number>();
  return {
    enter: (key) => {
      const count = counts.get(key) ?? 0;
      if (count >= max) return false;
      counts.set(key, count + 1);
      return true;
    },
    leave: (key) => {
      const left = (counts.get(key) ?? 0) - 1;
      if (left > 0) counts.set(key, left);
      else counts.delete(key);
    },
  };
}
