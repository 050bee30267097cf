import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execOrThrow } from '../exec.ts';
import type { Folder } from '../folders.ts';

const STAMP = '.malla-copy';

/** Whether the consumer's node_modules holds the library as built from `fingerprint`. */
export const isCopied = (consumer: Folder, library: Folder, fingerprint: string): boolean => {
  const stampPath = join(copyPath(consumer, library), STAMP);
  return existsSync(stampPath) && readFileSync(stampPath, 'utf8') === fingerprint;
};

/** Notes that `npm ci` has just copied the library as built from `fingerprint`. */
export const markCopied = (consumer: Folder, library: Folder, fingerprint: string): void =>
  writeFileSync(join(copyPath(consumer, library), STAMP), fingerprint);

/**
 * Puts the packed library in the consumer's node_modules, in place of the copy that `npm ci` made there. npm itself
 * refreshes a `file:` copy only in `npm ci`: never in `npm install`, while the version stays the same.
 * @param packed folder with the library's contents as packed
 */
export const copy = (consumer: Folder, library: Folder, fingerprint: string, packed: string): void => {
  replace(copyPath(consumer, library), packed);
  markCopied(consumer, library, fingerprint);
};

/** Packs a folder as `npm publish` would, into `place`. @returns a folder with the package's contents */
export const pack = async (library: Folder, place: string, signal: AbortSignal): Promise<string> => {
  const destination = mkdtempSync(join(place, 'pack-'));
  const args = ['pack', '--silent', '--pack-destination', destination];
  const output = await execOrThrow('npm', args, { cwd: library.dir, signal });
  const tarball = output.trim().split('\n').at(-1) ?? '';
  await execOrThrow('tar', ['-xzf', join(destination, tarball), '-C', destination], { signal });
  return join(destination, 'package');
};

const copyPath = (consumer: Folder, library: Folder): string =>
  join(consumer.dir, 'node_modules', library.manifest.name);

/** Two renames apart from atomic: a process that starts in between fails to find the package and says so. */
const replace = (target: string, source: string): void => {
  const fresh = `${target}.new-${process.pid}`;
  const old = `${target}.old-${process.pid}`;
  mkdirSync(join(target, '..'), { recursive: true });
  cpSync(source, fresh, { recursive: true });
  const nested = join(target, 'node_modules');
  if (existsSync(nested)) cpSync(nested, join(fresh, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  if (existsSync(target)) renameSync(target, old);
  renameSync(fresh, target);
  rmSync(old, { recursive: true, force: true });
};
