import type { Folder } from '../folders.ts';
import { findFolders, libraries, siblingNames } from '../folders.ts';
import { withLock } from '../lock.ts';
import { inParallel } from '../parallel.ts';
import { step } from '../steps.ts';
import { build } from './build.ts';
import { copy, isCopied, markCopied, pack } from './copies.ts';
import { install, outdatedSiblings, relock } from './install.ts';

const AT_ONCE = 2;

export type SetupOptions = {
  readonly root: string;
  /** Paths of the folders to prepare besides the libraries and this one; all of them without. */
  readonly only?: readonly string[] | undefined;
  /** Build and copy the libraries even where nothing changed, and bring lockfiles up to date with what they need. */
  readonly gen?: boolean;
  /** A private folder for packed libraries. */
  readonly tempDir: string;
  readonly signal: AbortSignal;
};

/** A library as it was built in this run. */
type Built = { readonly library: Folder; readonly fingerprint: string; readonly packed: () => Promise<string> };

/**
 * Makes the folders ready to run: installs what their lockfiles say, builds the libraries, and gives every folder a
 * fresh copy of those. Does only what is not done yet. Uses nothing but Node, since deploy/local's own packages are
 * among what it installs.
 */
export const setup = async (options: SetupOptions): Promise<void> =>
  withLock(options.root, 'setup', options.signal, () => prepareAll(options));

const prepareAll = async (options: SetupOptions): Promise<void> => {
  const folders = findFolders(options.root);
  const built: Built[] = [];
  const siblingsOf = ({ manifest }: Folder) =>
    built.filter(({ library }) => siblingNames(manifest).includes(library.manifest.name));
  const shared = libraries(folders);
  for (const library of shared) {
    const below = siblingsOf(library);
    await prepare(library, below, options);
    built.push(await buildOnce(library, below, options));
  }
  const others = folders.filter((folder) => !shared.includes(folder));
  const wanted = others.filter(
    ({ path }) => options.only === undefined || [...options.only, 'deploy/local'].includes(path),
  );
  await inParallel(AT_ONCE, wanted, (folder) => prepare(folder, siblingsOf(folder), options));
};

/** Builds a library where it has to be, and packs it when the first of its users needs a copy. */
const buildOnce = async (library: Folder, below: readonly Built[], options: SetupOptions): Promise<Built> => {
  const { gen = false, tempDir, signal } = options;
  const fingerprints = below.map(({ fingerprint }) => fingerprint);
  const work = () => build(library, fingerprints, gen, signal);
  const { fingerprint } = await step(`${library.path}: build`, work, ({ built }) => built);
  let packed: Promise<string> | undefined;
  return {
    library,
    fingerprint,
    packed: () => {
      packed ??= pack(library, tempDir, signal);
      return packed;
    },
  };
};

const prepare = async (
  folder: Folder,
  siblings: readonly Built[],
  { gen = false, signal }: SetupOptions,
): Promise<void> => {
  await updateLock(folder, siblings, gen, signal);
  const work = () => install(folder, signal);
  const installed = await step(`${folder.path}: npm ci`, work, (done) => done);
  for (const { library, fingerprint, packed } of siblings) {
    if (installed) markCopied(folder, library, fingerprint);
    if (!gen && isCopied(folder, library, fingerprint)) continue;
    await step(`${folder.path}: copy of ${library.path}`, async () =>
      copy(folder, library, fingerprint, await packed()),
    );
  }
};

const updateLock = async (
  folder: Folder,
  siblings: readonly Built[],
  gen: boolean,
  signal: AbortSignal,
): Promise<void> => {
  const outdated = outdatedSiblings(
    folder,
    siblings.map(({ library }) => library),
  );
  if (outdated.length === 0) return;
  const names = outdated.map(({ path }) => path).join(' and ');
  const lock = `${folder.path}/package-lock.json`;
  if (!gen) throw new Error(`${lock} is behind the dependencies of ${names}: run \`make gen\` and commit it`);
  await step(`${folder.path}: npm install`, () => relock(folder, outdated, signal));
};
