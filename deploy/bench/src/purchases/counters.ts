import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { cpuTimeUs } from '../cpu-time.ts';

/** What a MySQL counts, of all that it is used for: each service has one of its own. */
const STATUS = {
  statements: 'Questions',
  commits: 'Com_commit',
  rollbacks: 'Com_rollback',
  logFsyncs: 'Innodb_os_log_fsyncs',
  rowLockMs: 'Innodb_row_lock_time',
} as const;

export type SqlCount = Record<keyof typeof STATUS, number>;

/** What was counted up to a moment. */
export interface Reading {
  readonly atMs: number;
  /** By service. */
  readonly sql: Readonly<Record<string, SqlCount>>;
  /** By process, in microseconds since it started. */
  readonly cpuUs: Readonly<Record<string, number>>;
}

/** Reads the counters of every MySQL of a mesh, and the CPU time of every process and of this one. */
export interface Meters {
  read(): Promise<Reading>;
  close(): Promise<void>;
}

/** @param stateDir the mesh's `.local/`. */
export async function openMeters(stateDir: string): Promise<Meters> {
  const pids = filesIn(join(stateDir, 'run'), '.json').map(([name, text]) => [name, JSON.parse(text).pid] as const);
  const processes = [...pids, ['this bench', process.pid] as const];
  const databases = await Promise.all(
    filesIn(join(stateDir, 'env'), '.env').flatMap(([name, text]) => {
      const { DATABASE_URL } = parseEnv(text);
      return DATABASE_URL === undefined ? [] : [createConnection(DATABASE_URL).then((db) => [name, db] as const)];
    }),
  );
  let readings = 0;
  return {
    read: async () => {
      readings += 1;
      const sql = await Promise.all(
        databases.map(async ([name, db]) => [name, await readStatus(db, readings)] as const),
      );
      const cpuUs = processes.map(([name, pid]) => [name, cpuTimeUs(pid)]);
      return { atMs: performance.now(), sql: Object.fromEntries(sql), cpuUs: Object.fromEntries(cpuUs) };
    },
    close: async () => {
      await Promise.all(databases.map(([, db]) => db.end()));
    },
  };
}

/** @param own how many of the statements were readings. */
async function readStatus(db: Connection, own: number): Promise<SqlCount> {
  const names = Object.values(STATUS);
  const [rows] = await db.query<RowDataPacket[]>('SHOW GLOBAL STATUS WHERE Variable_name IN (?)', [names]);
  const values = new Map(rows.map(({ Variable_name, Value }) => [Variable_name, Number(Value)]));
  const counts = Object.entries(STATUS).map(([key, name]) => [key, values.get(name) ?? Number.NaN]);
  const count = Object.fromEntries(counts) as SqlCount;
  return { ...count, statements: count.statements - own };
}

/** @returns the name, without its ending, and the text of each file. */
function filesIn(dir: string, ending: string): [string, string][] {
  return readdirSync(dir)
    .filter((file) => file.endsWith(ending))
    .map((file) => [file.slice(0, -ending.length), readFileSync(join(dir, file), 'utf8')]);
}
