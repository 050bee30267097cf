import { DomainError } from '@malla/chassis/errors';
import type { StaffRole } from './staff.ts';

/** How far an import is. */
export interface Import {
  readonly importId: string;
  readonly storeId: string;
  readonly rowCount: number;
  readonly createdCount: number;
  readonly updatedCount: number;
  readonly failedCount: number;
  readonly createTime: Date;
  readonly updateTime: Date;
}

export type ImportOutcome = 'created' | 'updated' | 'failed';

/** What became of a row. */
export interface ImportRow {
  /** From 1. */
  readonly rowNumber: number;
  readonly sku: string;
  readonly outcome: ImportOutcome;
  /** Empty when it failed. */
  readonly productId: string;
  /** Why it failed; empty when it did not. */
  readonly reason: string;
  readonly message: string;
}

export interface Imports {
  /** Adds an import; without effect when it is there. */
  add(started: Import): Promise<void>;
  find(importId: string): Promise<Import | undefined>;
  /** Finds and locks, within a transaction. */
  lock(importId: string): Promise<Import | undefined>;
  /** Writes how far an import is, and what became of the rows that this took. */
  advance(progress: Import, rows: readonly ImportRow[]): Promise<void>;
}

export interface ImportQueries {
  /** An import, with what a user is for its store. */
  find(importId: string, userId: string): Promise<{ found: Import; role: StaffRole | undefined } | undefined>;
  /** Rows in their order, from the one after a number on; with what a user is for the store; undefined without the import. */
  listRows(
    importId: string,
    userId: string,
    failedOnly: boolean,
    limit: number,
    afterRow: number,
  ): Promise<{ rows: ImportRow[]; role: StaffRole | undefined } | undefined>;
}

/** An import that has worked off one more batch. */
export function advanced(progress: Import, rows: readonly ImportRow[], now: Date): Import {
  const count = (outcome: ImportOutcome) => rows.filter((row) => row.outcome === outcome).length;
  return {
    ...progress,
    rowCount: progress.rowCount + rows.length,
    createdCount: progress.createdCount + count('created'),
    updatedCount: progress.updatedCount + count('updated'),
    failedCount: progress.failedCount + count('failed'),
    updateTime: now,
  };
}

export function importNotFound(): DomainError {
  return new DomainError('not-found', 'IMPORT_NOT_FOUND', 'There is no such import.');
}
