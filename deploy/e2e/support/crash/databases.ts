import { setTimeout as sleep } from 'node:timers/promises';
import { createPool, type RowDataPacket } from 'mysql2/promise';
import type { Fleet } from './fleet.ts';

const POLL_MS = 100;
const PATIENCE_MS = 90_000;
const PAGE = 500;

/** A service's database, past the service. */
export interface Database {
  /** Decimal sums come as texts. */
  rows<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** All rows, some at a time: the query takes the key after which they come, 16 bytes, and how many. */
  pages<Row extends Readonly<Record<string, unknown>>>(sql: string, key: keyof Row): Promise<Row[]>;
  run(sql: string, values?: readonly unknown[]): Promise<void>;
  /** Waits until a query finds something. @throws Error after a minute and a half. */
  until(sql: string, values?: readonly unknown[]): Promise<void>;
}

export interface Databases {
  readonly transactions: Database;
  readonly stores: Database;
  close(): Promise<void>;
}

export function openDatabases(fleet: Fleet): Databases {
  const pools = (['svc-transactions', 'svc-stores'] as const).map((name) =>
    createPool({ uri: fleet.databaseUrl(name), timezone: 'Z', connectionLimit: 2 }),
  );
  const [transactions, stores] = pools.map((pool): Database => {
    const rows = async <Row>(sql: string, values: readonly unknown[] = []) => {
      const [found] = await pool.query<RowDataPacket[]>(sql, [...values]);
      return found as Row[];
    };
    return {
      rows,
      pages: async <Row>(sql: string, key: keyof Row) => {
        const all: Row[] = [];
        for (let [after, page]: [unknown, Row[]] = [Buffer.alloc(16), []]; ; after = page.at(-1)?.[key]) {
          page = await rows<Row>(sql, [after, PAGE]);
          all.push(...page);
          if (page.length < PAGE) return all;
        }
      },
      run: async (sql, values = []) => void (await pool.query(sql, [...values])),
      until: async (sql, values) => {
        const end = Date.now() + PATIENCE_MS;
        while ((await rows(sql, values)).length === 0) {
          if (Date.now() > end) throw new Error(`never: ${sql}`);
          await sleep(POLL_MS);
        }
      },
    };
  }) as [Database, Database];
  return { transactions, stores, close: async () => void (await Promise.all(pools.map((pool) => pool.end()))) };
}
