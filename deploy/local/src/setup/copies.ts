import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execOrThrow } from '../exec.ts';
import type { Folder } from '../folders.ts';

const STAMP = '.malla-copy';

/** Whether the consumer's node_modules holds the library as built from `fingerprint`. */
export const isCopied = (consumer: Folder, library: Folder, fingerprint: string): boolean => {
  const stampPath = join(copyPath(consumer, library), STAMP);
  return existsSync(stampPath) && readFileSync(stampPath, 'utf8') === fingerprint;
};

/**
 * Packs the library as `npm publish` would and puts it in each consumer's node_modules, in place of the copy that
 * `npm ci` made there. npm itself refreshes a `file:` copy only in `npm ci`: never in `npm install`, while the version
 * stays the same.
 */
export const copyTo = async (
  consumers: readonly Folder[],
  library: Folder,
  fingerprint: string,
  signal: AbortSignal,
): Promise<void> => {
  const place = mkdtempSync(join(tmpdir(), 'malla-pack-'));
  try {
    const unpacked = await unpack(library, place, signal);
    writeFileSync(join(unpacked, STAMP), fingerprint);
    for (const consumer of consumers) replace(copyPath(consumer, library), unpacked);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
};

/** Packs a folder into `place`. @returns the folder with the package's contents */
const unpack = async (library: Folder, place: string, signal: AbortSignal): Promise<string> => {
  const output = await execOrThrow('npm', ['pack', '--silent', '--pack-destination', place], {
    cwd: library.dir,
    signal,
  });
  const tarball = output.trim().split('\n').at(-1) ?? '';
  await execOrThrow('tar', ['-xzf', join(place, tarball), '-C', place], { signal });
  return join(place, 'package');
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
