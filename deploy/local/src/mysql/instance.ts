import { join } from 'node:path';
import type { State } from '../mesh/state.ts';

/** One MySQL server with one database and the one user that may use it. */
export type MysqlOptions = {
  /** Where programs and what is made once for all are kept. */
  readonly toolsDir: string;
  readonly state: State;
  /** The service that it belongs to. */
  readonly owner: string;
  readonly database: string;
  readonly rootPassword: string;
  /** Of the user, who is named like the database. */
  readonly password: string;
  /** Taken at the first start if it is free; later starts try the port of the one before. */
  readonly preferredPort?: number;
  /** Of the server, besides those that make it small: `DURABLE`, or `THROWAWAY` for tests. */
  readonly flags: readonly string[];
  readonly signal: AbortSignal;
};

/** Name of the pid file and the log file of a service's MySQL. */
export const mysqlName = (owner: string): string => `${owner}-mysql`;

export const dataDirOf = (state: State, owner: string): string => join(state.mysqlDir(owner), 'data');

/** Holds the port that it listens on, or did last. */
export const portFile = (state: State, owner: string): string => join(state.mysqlDir(owner), 'port');

/** Holds the kind of the program that made the data; written once the first start has gone well. */
export const kindFile = (state: State, owner: string): string => join(state.mysqlDir(owner), 'kind');
