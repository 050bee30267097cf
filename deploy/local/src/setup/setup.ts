import type { Folder } from '../folders.ts';
import { findFolders, libraries, selectFolders, siblingNames } from '../folders.ts';
import { withLock } from '../lock.ts';
import { step } from '../steps.ts';
import { build } from './build.ts';
import { copyTo, isCopied } from './copies.ts';
import { install, outdatedSiblings, relock } from './install.ts';

export type SetupOptions = {
  readonly root: string;
  /** Only this folder, and the libraries. */
  readonly svc?: string | undefined;
  /** Build the libraries even where nothing changed, and bring lockfiles up to date with their dependencies. */
  readonly gen?: boolean;
  readonly signal: AbortSignal;
};

/**
 * Makes the folders ready to run: installs what their lockfiles say, builds the libraries, and gives every folder a
 * fresh copy of those. Does only what is not done yet. Uses nothing but Node, since deploy/local's own packages are
 * among what it installs.
 */
export const setup = async (options: SetupOptions): Promise<void> =>
  withLock(options.root, 'setup', options.signal, () => run(options));

const run = async ({ root, svc, gen = false, signal }: SetupOptions): Promise<void> => {
  const folders = findFolders(root);
  const shared = libraries(folders);
  const selected = selectFolders(folders, svc);
  const fingerprints = new Map<Folder, string>();
  const siblingsOf = (folder: Folder) =>
    shared.filter((lib) => siblingNames(folder.manifest).includes(lib.manifest.name));

  const prepare = async (folder: Folder): Promise<void> => {
    await lockAndInstall(folder, siblingsOf(folder), gen, signal);
    for (const library of siblingsOf(folder)) await refresh(folder, library, fingerprints.get(library) ?? '', signal);
  };
  for (const library of shared) {
    await prepare(library);
    const below = siblingsOf(library).map((lib) => fingerprints.get(lib) ?? '');
    const { fingerprint } = await step(
      `${library.path}: build`,
      () => build(library, below, gen, signal),
      (r) => r.built,
    );
    fingerprints.set(library, fingerprint);
  }
  const others = selected.filter((folder) => !shared.includes(folder));
  const local = folders.find((folder) => folder.path === 'deploy/local');
  if (local !== undefined && !others.includes(local)) others.push(local);
  for (const folder of others) await prepare(folder);
};

const lockAndInstall = async (
  folder: Folder,
  siblings: readonly Folder[],
  gen: boolean,
  signal: AbortSignal,
): Promise<void> => {
  const outdated = outdatedSiblings(folder, siblings);
  if (outdated.length > 0 && !gen) {
    const names = outdated.map((sibling) => sibling.path).join(' and ');
    throw new Error(
      `${folder.path}/package-lock.json is behind the dependencies of ${names}: run \`make gen\` and commit it`,
    );
  }
  if (outdated.length > 0) await step(`${folder.path}: npm install`, () => relock(folder, outdated, signal));
  await step(
    `${folder.path}: npm ci`,
    () => install(folder, signal),
    (done) => done,
  );
};

const refresh = async (folder: Folder, library: Folder, fingerprint: string, signal: AbortSignal): Promise<void> => {
  if (isCopied(folder, library, fingerprint)) return;
  await step(`${folder.path}: copy of ${library.path}`, () => copyTo([folder], library, fingerprint, signal));
};
