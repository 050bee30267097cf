import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folder of this package. */
export const ROOT = join(import.meta.dirname, '../..');

/** Runs buf in a folder. @throws Error with `stdout` and `stderr` when it fails. */
export function buf(cwd: string, ...args: string[]): string {
  return execFileSync(join(ROOT, 'node_modules/.bin/buf'), args, { cwd, encoding: 'utf8', stdio: 'pipe' });
}

/** Copies our contracts, to be spoilt, into a folder that the caller removes. */
export function copyContracts(): string {
  const folder = mkdtempSync(join(tmpdir(), 'malla-contracts-'));
  for (const part of ['buf.yaml', 'malla', 'testing', 'third_party', '.gitignore']) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
  return folder;
}
