import { currentCall } from '../server/context.ts';
import { createRoom, type Room, type Shares } from '../server/load-shedding.ts';
import { type Party, partyOf } from '../server/party.ts';
import { DATABASE_BUSY } from './mysql-outage.ts';

type Callback = (error: Error | null, connection?: PooledConnection) => void;

/** A connection of mysql2's pool. */
interface PooledConnection {
  release: () => void;
  destroy: () => void;
  once(event: 'end' | 'error', listener: () => void): unknown;
}

/** A pool of mysql2. */
export interface SharedPool {
  // biome-ignore lint/suspicious/noExplicitAny: mysql2 declares more than is needed of it here.
  getConnection: (callback: any) => unknown;
}

/** Somebody who waits for a connection. */
interface Waiting {
  readonly admit: () => void;
}

/** How many may wait, and for how long in milliseconds. The mesh and its workers wait longest: others wait for them. */
const WAITING_MAX: Readonly<Record<Party, number>> = { public: 100, user: 1_500, mesh: 2_000 };
const WAIT_MS_MAX: Readonly<Record<Party, number>> = { public: 2_000, user: 10_000, mesh: 12_000 };

/**
 * Shares the connections of a pool among the parties: public calls have two fifths at most, all calls from the edge four fifths,
 * and what is left is for the mesh and for workers. Whoever finds its share taken waits for a short while; when the queue is
 * full or the while is over, it is refused at once (DATABASE_BUSY).
 * @param connectionsMax how many connections the pool makes.
 * @param publicShare of them for public calls: more than two fifths where those are what the service is for.
 */
export function shareConnections(pool: SharedPool, connectionsMax: number, publicShare = 0.4): void {
  const room = createRoom(sharesOf(connectionsMax, publicShare));
  const queue = createQueue(room);
  const given = new WeakMap<PooledConnection, () => void>();
  const watched = new WeakSet<PooledConnection>();
  const connect = pool.getConnection.bind(pool);

  const giveBackAfter = (connection: PooledConnection, end: 'release' | 'destroy') => {
    const original = connection[end].bind(connection);
    connection[end] = () => {
      original();
      given.get(connection)?.();
    };
  };
  const hold = (connection: PooledConnection, give: () => void) => {
    given.set(connection, () => {
      given.delete(connection);
      give();
    });
    if (watched.has(connection)) return;
    watched.add(connection);
    giveBackAfter(connection, 'release');
    giveBackAfter(connection, 'destroy');
    // A connection that is lost within a transaction is not released: its rollback fails.
    for (const end of ['end', 'error'] as const) connection.once(end, () => given.get(connection)?.());
  };
  pool.getConnection = (callback: Callback) => {
    const call = currentCall();
    queue.wait(call ? partyOf(call) : 'mesh', (error, give) => {
      if (!give) return callback(error);
      connect((failure: Error | null, connection?: PooledConnection) => {
        if (connection) hold(connection, give);
        else give();
        callback(failure, connection);
      });
    });
  };
}

function sharesOf(connectionsMax: number, publicShare: number): Shares {
  return {
    public: Math.max(1, Math.floor(connectionsMax * publicShare)),
    user: Math.max(1, Math.floor(connectionsMax * 0.8)),
    mesh: connectionsMax,
  };
}

/** First come, first served within each party; nobody waits for a party that waits for its own share. */
function createQueue(room: Room) {
  const waiting: Record<Party, Set<Waiting>> = { public: new Set(), user: new Set(), mesh: new Set() };
  const admitNext = () => {
    for (const party of ['mesh', 'user', 'public'] as const) {
      for (const first of waiting[party]) {
        if (!room.enter(party)) break;
        first.admit();
      }
    }
  };
  const giveOnce = (party: Party) => () => {
    room.leave(party);
    admitNext();
  };
  return {
    wait: (party: Party, answer: (error: Error | null, give?: () => void) => void): void => {
      const others = waiting[party];
      if (others.size === 0 && room.enter(party)) {
        answer(null, giveOnce(party));
        return;
      }
      if (others.size >= WAITING_MAX[party]) {
        answer(databaseBusy());
        return;
      }
      const timer = setTimeout(() => {
        others.delete(one);
        answer(databaseBusy());
      }, WAIT_MS_MAX[party]);
      const one: Waiting = {
        admit: () => {
          clearTimeout(timer);
          others.delete(one);
          answer(null, giveOnce(party));
        },
      };
      others.add(one);
    },
  };
}

function databaseBusy(): Error {
  return Object.assign(new Error('no connection to the database was free in time'), { code: DATABASE_BUSY });
}
