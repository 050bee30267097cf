import type { RpcContract } from '@malla/proto/contract';
import { DomainError } from '../lib/errors.ts';
import { busy, createRoom, createTally, type Shares } from './load-shedding.ts';
import { type Party, partyOf } from './party.ts';

/** How many calls of one kind may run at once: by party, and of one client. */
export interface CallLimits {
  readonly shares: Shares;
  /** Of one client address, with and without a user. Calls of the mesh are not counted. */
  readonly perAddressMax: number;
  /** Of one user, from whatever address. Calls of the mesh are not counted. */
  readonly perUserMax: number;
}

/** The place of one call that runs. */
export interface Place {
  /**
   * Counts the call for its user, once there is one.
   * @throws DomainError `exhausted` (the limit's reason) when the user has as many already.
   */
  claim(userId: string): void;
  /** Frees the place. Whatever is freed twice is freed once. */
  leave(): void;
}

/** The places for one kind of call. */
export interface Places {
  /**
   * @param address of the client at the edge.
   * @throws DomainError `exhausted` (the limit's reason) when the address has as many already, `unavailable` (SERVER_BUSY)
   *   when the party's share is full.
   */
  enter(party: Party, address: string): Place;
}

/** The refusal of a client that has as many calls under way as it may. */
export interface OwnLimit {
  readonly reason: string;
  readonly message: string;
}

const OWN_RETRY_AFTER_MS = 5_000;

export function createPlaces(limits: CallLimits, own: OwnLimit): Places {
  const room = createRoom(limits.shares);
  const addresses = createTally(limits.perAddressMax);
  const users = createTally(limits.perUserMax);
  const refusal = () => new DomainError('exhausted', own.reason, own.message, { retryAfterMs: OWN_RETRY_AFTER_MS });
  return {
    enter: (party, address) => {
      const isCounted = party !== 'mesh';
      if (isCounted && !addresses.enter(address)) throw refusal();
      if (!room.enter(party)) {
        if (isCounted) addresses.leave(address);
        throw busy('SERVER_BUSY', 'The service has too much to do at the moment.');
      }
      let user: string | undefined;
      let left = false;
      return {
        claim: (userId) => {
          if (!isCounted || left || user !== undefined) return;
          if (!users.enter(userId)) throw refusal();
          user = userId;
        },
        leave: () => {
          if (left) return;
          left = true;
          room.leave(party);
          if (isCounted) addresses.leave(address);
          if (user !== undefined) users.leave(user);
        },
      };
    },
  };
}

/** What is known of a call before it is admitted. */
export interface ArrivedCall {
  readonly rpc: RpcContract;
  readonly peer: string | undefined;
  readonly origin: { readonly address: string };
}

/** Lets calls into a server. Streams have places of their own: however many are open, calls with one answer have room. */
export interface Admission {
  /** @throws DomainError as Places. */
  enter(call: ArrivedCall): Place;
}

const SHORT: OwnLimit = { reason: 'CALLS_TOO_MANY', message: 'You have too many calls under way.' };
const LONG: OwnLimit = { reason: 'STREAMS_TOO_MANY', message: 'You have too many streams open.' };

/** @param callsMax how many unary calls run at once, of which the last quarter is for the mesh alone. */
export function createAdmission(callsMax: number, longCalls: CallLimits): Admission {
  const short = createPlaces(shortLimits(callsMax), SHORT);
  const long = createPlaces(longCalls, LONG);
  return {
    enter: (call) => {
      const places = call.rpc.method.methodKind === 'unary' ? short : long;
      return places.enter(partyOf(call), call.origin.address);
    },
  };
}

function shortLimits(callsMax: number): CallLimits {
  const share = (part: number) => Math.floor(callsMax * part);
  // One client alone fills no share.
  return {
    shares: { public: share(0.4), user: share(0.75), mesh: callsMax },
    perAddressMax: share(0.6),
    perUserMax: share(0.5),
  };
}

/** The limits of long calls by their three numbers: the public may fill half, and the edge nine tenths. */
export function longCallLimits(max: number, perAddressMax: number, perUserMax: number): CallLimits {
  const shares = { public: Math.floor(max * 0.5), user: Math.floor(max * 0.9), mesh: max };
  return { shares, perAddressMax, perUserMax };
}
