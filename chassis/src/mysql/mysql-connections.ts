import { isLeaving } from './mysql-outage.ts';
import { boundSilence } from './mysql-silence.ts';

/** A connection of mysql2's pool. */
interface PooledConnection {
  // biome-ignore lint/suspicious/noExplicitAny: mysql2 takes a statement in four ways.
  query: (...args: any[]) => { once(event: 'error', listener: (error: unknown) => void): unknown };
  release: () => void;
  destroy(): void;
  once(event: 'end' | 'error', listener: () => void): unknown;
  readonly stream: { destroy(error: Error): unknown };
}

/** A pool of mysql2. */
export interface ConnectionPool {
  // biome-ignore lint/suspicious/noExplicitAny: mysql2 declares each event by itself.
  on(event: any, listener: (connection: any) => void): unknown;
}

/** A connection as Kysely hands it to `onCreateConnection`. */
interface NewConnection {
  killSession?(control: () => Promise<void>): Promise<void>;
}

/** New connections to a server that stays read-only tell the same: they are not made anew more often than this. */
const RETIRE_INTERVAL_MS = 1_000;

/**
 * Keeps a pool to the server that can be written to. As soon as one connection hears that its server is read-only, leaves, or is silent,
 * all that were made before are closed: idle ones at once, the others when their work has ended. Those made from then on lead
 * to whichever server the name, the proxy or the port leads to by now.
 */
export function leaveOldServers(pool: ConnectionPool): void {
  const idle = new Set<PooledConnection>();
  const bornMs = new WeakMap<PooledConnection, number>();
  let retiredMs = Number.NEGATIVE_INFINITY;

  const isRetired = (connection: PooledConnection) => (bornMs.get(connection) ?? 0) <= retiredMs;
  const close = (connection: PooledConnection) => {
    idle.delete(connection);
    connection.destroy();
  };
  const hear = (error: unknown) => {
    const nowMs = performance.now();
    if (!isLeaving(error) || nowMs - retiredMs < RETIRE_INTERVAL_MS) return;
    retiredMs = nowMs;
    for (const connection of [...idle]) close(connection);
  };
  pool.on('connection', (connection: PooledConnection) => {
    bornMs.set(connection, performance.now());
    for (const end of ['end', 'error'] as const) connection.once(end, () => idle.delete(connection));
    boundSilence(connection);
    hearing(connection, hear);
    const release = connection.release.bind(connection);
    connection.release = () => (isRetired(connection) ? close(connection) : release());
  });
  pool.on('acquire', (connection: PooledConnection) => idle.delete(connection));
  pool.on('release', (connection: PooledConnection) => idle.add(connection));
}

/** Has `hear` told of every statement that fails, which is answered by a callback or, as a stream, by events. */
function hearing(connection: PooledConnection, hear: (error: unknown) => void): void {
  const query = connection.query.bind(connection);
  connection.query = (...args) => {
    const callback = args.at(-1);
    if (typeof callback !== 'function') {
      const command = query(...args);
      command.once('error', hear);
      return command;
    }
    return query(...args.slice(0, -1), (error: unknown, ...results: unknown[]) => {
      if (error) hear(error);
      callback(error, ...results);
    });
  };
}

/**
 * Sets a new connection up. One that cannot be is closed: nobody else would, and it would take its place in the pool for good.
 * @throws what `work` does.
 */
export async function setUpConnection(connection: NewConnection, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await connection.killSession?.(async () => undefined);
    throw error;
  }
}
