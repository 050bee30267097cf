import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execOrThrow } from '../exec.ts';
import type { Folder } from '../folders.ts';

const NEVER_INPUT = ['node_modules', 'test', '.git'];

/**
 * Builds a library where its sources, or the libraries below it, changed since its last build.
 * @param below fingerprints of the libraries that it depends on
 * @returns the fingerprint of what it was built from, and whether it was built now
 */
export const build = async (
  folder: Folder,
  below: readonly string[],
  force: boolean,
  signal: AbortSignal,
): Promise<{ readonly fingerprint: string; readonly built: boolean }> => {
  const fingerprint = fingerprintOf(folder.dir, below);
  const stampPath = join(folder.dir, 'node_modules/.malla/built-from');
  const upToDate = existsSync(stampPath) && existsSync(join(folder.dir, 'dist'));
  if (!force && upToDate && readFileSync(stampPath, 'utf8') === fingerprint) return { fingerprint, built: false };
  await execOrThrow('npm', ['run', '--silent', 'build'], { cwd: folder.dir, signal });
  mkdirSync(join(stampPath, '..'), { recursive: true });
  writeFileSync(stampPath, fingerprint);
  return { fingerprint, built: true };
};

/** A hash over every file of the folder that a build may read: what its .gitignore names and its tests are left out. */
export const fingerprintOf = (dir: string, below: readonly string[]): string => {
  const ignored = new Set([...NEVER_INPUT, ...ignoredFolders(dir)]);
  const hash = createHash('sha256').update(JSON.stringify(below));
  for (const path of readdirSync(dir)
    .filter((name) => !ignored.has(name))
    .flatMap((name) => filesUnder(dir, name))
    .sort()) {
    hash.update(`\0${path}\0`).update(readFileSync(join(dir, path)));
  }
  return hash.digest('hex');
};

const filesUnder = (dir: string, path: string): string[] => {
  try {
    return readdirSync(join(dir, path), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1));
  } catch {
    return [path];
  }
};

/** What the folder's .gitignore names, and `dist`. */
export const ignoredFolders = (dir: string): string[] => {
  const path = join(dir, '.gitignore');
  if (!existsSync(path)) return ['dist'];
  return [
    'dist',
    ...readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.trim().replace(/^\/|\/$/g, ''))
      .filter((name) => name !== ''),
  ];
};
