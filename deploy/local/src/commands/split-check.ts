import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Context } from '../context.ts';
import { exec, execOrThrow } from '../exec.ts';
import { type Folder, findFolders, libraries, type Manifest, selectFolders, siblingNames } from '../folders.ts';
import { ignoredFolders } from '../setup/build.ts';
import { say, step } from '../steps.ts';

const STEP_TIMEOUT_MS = 300_000;

const STEPS: readonly (readonly string[])[] = [
  ['ci', '--loglevel=error'],
  ['run', '--silent', 'build'],
  ['run', '--silent', 'test:unit'],
];

/** Name of a library's package to its packed tarball. */
type Tarballs = ReadonlyMap<string, string>;

/**
 * Proves that every folder could be a repository of its own: copied alone to an empty place, with the tarballs of the
 * libraries that it uses, it installs, builds and passes its unit tests.
 * @throws Error naming the folders that do not
 */
export const splitCheck = async (context: Context): Promise<void> => {
  const folders = findFolders(context.root);
  const place = context.run.tempDir('split');
  const tarballs = await packAll(libraries(folders), place, context.signal);
  const chosen = selectFolders(folders, context.svc).filter(
    ({ manifest }) => manifest.scripts?.['test:unit'] !== undefined,
  );
  const failed: string[] = [];
  for (const folder of chosen) {
    const dir = join(place, folder.path.replace('/', '-'));
    const problem = await step(`${folder.path}: alone`, () => checkAlone(folder, dir, tarballs, context.signal));
    if (problem !== undefined) failed.push(`${folder.path} (${problem})`);
  }
  if (failed.length > 0) throw new Error(`not able to stand alone: ${failed.join(', ')}`);
};

/** Packs the libraries as they would be published: one that uses another names its version, not its folder. */
const packAll = async (shared: readonly Folder[], place: string, signal: AbortSignal): Promise<Tarballs> => {
  const tarballs = new Map<string, string>();
  for (const library of shared) {
    const dir = join(place, 'pack', library.path);
    cpSync(library.dir, dir, { recursive: true, filter: (source) => basename(source) !== 'node_modules' });
    const versions = new Map(shared.map(({ manifest }) => [manifest.name, manifest.version]));
    rewriteManifest(dir, (name) => versions.get(name));
    const output = await execOrThrow('npm', ['pack', '--silent', '--pack-destination', place], { cwd: dir, signal });
    tarballs.set(library.manifest.name, join(place, output.trim().split('\n').at(-1) ?? ''));
  }
  return tarballs;
};

/** @returns the command that failed, after all that it said */
const checkAlone = async (
  folder: Folder,
  place: string,
  tarballs: Tarballs,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const dir = join(place, basename(folder.path));
  copyAlone(folder, dir, tarballs);
  for (const args of STEPS) {
    const { exitCode, output } = await exec('npm', args, { cwd: dir, signal, timeoutMs: STEP_TIMEOUT_MS });
    if (exitCode === 0) continue;
    say(output);
    return `npm ${args.filter((arg) => !arg.startsWith('-')).join(' ')}`;
  }
  return undefined;
};

/** A copy as git would check it out, with nothing beside it but the tarballs. */
const copyAlone = (folder: Folder, dir: string, tarballs: Tarballs): void => {
  const left = new Set(['node_modules', '.env', ...ignoredFolders(folder.dir)].map((name) => join(folder.dir, name)));
  cpSync(folder.dir, dir, { recursive: true, filter: (source) => !left.has(source) });
  mkdirSync(join(dir, 'packages'));
  for (const name of siblingNames(folder.manifest)) {
    const tarball = tarballs.get(name) ?? '';
    cpSync(tarball, join(dir, 'packages', basename(tarball)));
  }
  const specOf = (name: string) => `file:packages/${basename(tarballs.get(name) ?? '')}`;
  rewriteManifest(dir, specOf);
  relock(dir, folder.manifest, specOf);
};

/** Gives every `file:` dependency another specifier. */
const rewriteManifest = (dir: string, specOf: (name: string) => string | undefined): void => {
  const path = join(dir, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  for (const group of ['dependencies', 'devDependencies']) {
    for (const [name, spec] of Object.entries<string>(manifest[group] ?? {})) {
      if (spec.startsWith('file:')) manifest[group][name] = specOf(name) ?? spec;
    }
  }
  writeFileSync(path, JSON.stringify(manifest, null, 2));
};

/** The lockfile as it stands, but for where the libraries come from: every other package stays pinned. */
const relock = (dir: string, manifest: Manifest, specOf: (name: string) => string): void => {
  const path = join(dir, 'package-lock.json');
  const lock = JSON.parse(readFileSync(path, 'utf8'));
  for (const name of siblingNames(manifest)) {
    lock.packages[`node_modules/${name}`].resolved = specOf(name);
    for (const group of ['dependencies', 'devDependencies']) {
      if (lock.packages[''][group]?.[name] !== undefined) lock.packages[''][group][name] = specOf(name);
    }
  }
  writeFileSync(path, JSON.stringify(lock, null, 2));
};
