import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { execOrThrow } from '../exec.ts';
import type { Folder, Manifest } from '../folders.ts';

type LockEntry = {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly optional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
};
type Lockfile = { readonly packages: Readonly<Record<string, LockEntry>> };

const readLock = (path: string): Lockfile => JSON.parse(readFileSync(path, 'utf8'));

/**
 * Whether node_modules holds what package-lock.json says. npm writes node_modules/.package-lock.json last, so an
 * interrupted installation never counts.
 */
export const isInstalled = (dir: string): boolean => {
  const installedPath = join(dir, 'node_modules/.package-lock.json');
  if (!existsSync(installedPath)) return false;
  const wanted = readLock(join(dir, 'package-lock.json')).packages;
  const installed = readLock(installedPath).packages;
  const same = Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const there = installed[path];
    return there === undefined
      ? entry.optional === true
      : there.version === entry.version && there.integrity === entry.integrity;
  });
  return same && Object.keys(installed).every((path) => path in wanted);
};

/** Runs `npm ci` where node_modules differs from the lockfile. @returns whether it had to */
export const install = async (folder: Folder, signal: AbortSignal): Promise<boolean> => {
  if (isInstalled(folder.dir)) return false;
  await npm(folder, ['ci'], signal);
  return true;
};

/** Siblings whose dependencies changed since the folder's lockfile was written; `npm ci` would not notice. */
export const outdatedSiblings = (folder: Folder, siblings: readonly Folder[]): Folder[] => {
  const { packages } = readLock(join(folder.dir, 'package-lock.json'));
  return siblings.filter(({ manifest }) => {
    const entry = packages[`node_modules/${manifest.name}`];
    return entry !== undefined && needs(entry) !== needs(manifest);
  });
};

/** Brings a folder's lockfile and node_modules up to date with its siblings' dependencies. */
export const relock = (folder: Folder, siblings: readonly Folder[], signal: AbortSignal): Promise<string> =>
  npm(folder, ['install', ...siblings.map((s) => `${s.manifest.name}@file:${relative(folder.dir, s.dir)}`)], signal);

const npm = (folder: Folder, args: readonly string[], signal: AbortSignal): Promise<string> =>
  execOrThrow('npm', [...args, '--loglevel=error', '--no-progress'], { cwd: folder.dir, signal });

const needs = ({ dependencies, peerDependencies }: LockEntry | Manifest): string =>
  JSON.stringify([dependencies, peerDependencies].map((d) => Object.entries(d ?? {}).sort()));
