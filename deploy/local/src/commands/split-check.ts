import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Context } from '../context.ts';
import { execOrThrow } from '../exec.ts';
import { type Folder, findFolders, libraries, type Manifest, selectFolders, siblingNames } from '../folders.ts';
import { say, step } from '../steps.ts';

const LEFT_BEHIND = new Set(['node_modules', 'dist', 'gen', 'third_party', '.env']);

/** Name of a library's package to its packed tarball. */
type Tarballs = ReadonlyMap<string, string>;

/**
 * Proves that every folder could be a repository of its own: copied alone to an empty place, with the tarballs of the
 * libraries that it uses, it installs, builds and passes its unit tests.
 * @throws Error with the folder and the step that failed
 */
export const splitCheck = async (context: Context): Promise<void> => {
  const folders = findFolders(context.root);
  const place = context.run.tempDir('split');
  const tarballs = await packAll(libraries(folders), place, context.signal);
  const chosen = selectFolders(folders, context.svc).filter(
    ({ manifest }) => manifest.scripts?.['test:unit'] !== undefined,
  );
  for (const folder of chosen)
    await step(`${folder.path}: alone`, () => checkAlone(folder, place, tarballs, context.signal));
  say(`${chosen.length} folders stand alone.`);
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

const checkAlone = async (folder: Folder, place: string, tarballs: Tarballs, signal: AbortSignal): Promise<void> => {
  const dir = join(place, 'alone', basename(folder.path));
  cpSync(folder.dir, dir, { recursive: true, filter: (source) => !LEFT_BEHIND.has(basename(source)) });
  mkdirSync(join(dir, 'packages'));
  for (const name of siblingNames(folder.manifest)) {
    const tarball = tarballs.get(name) ?? '';
    cpSync(tarball, join(dir, 'packages', basename(tarball)));
  }
  const specOf = (name: string) => `file:packages/${basename(tarballs.get(name) ?? '')}`;
  rewriteManifest(dir, specOf);
  relock(dir, folder.manifest, specOf);
  for (const args of [
    ['ci', '--loglevel=error'],
    ['run', '--silent', 'build'],
    ['run', '--silent', 'test:unit'],
  ]) {
    await execOrThrow('npm', args, { cwd: dir, signal });
  }
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
