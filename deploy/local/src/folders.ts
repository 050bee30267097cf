import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What this runner reads of a folder's package.json. */
export type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
};

/** One folder of the repository that is a package of its own. */
export type Folder = {
  /** Path from the repository's root, such as `svc-users` or `deploy/e2e`. */
  readonly path: string;
  /** Absolute path. */
  readonly dir: string;
  readonly manifest: Manifest;
};

/** Reads a folder's package.json. */
export const readManifest = (dir: string): Manifest => JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));

/** Names of the packages that a folder takes from its siblings (`file:` dependencies). */
export const siblingNames = ({ dependencies, devDependencies }: Manifest): string[] =>
  Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, spec]) => spec.startsWith('file:'))
    .map(([name]) => name);

/** Every folder with a package.json, at the top and under deploy/, each after the siblings that it depends on. */
export const findFolders = (root: string): Folder[] => {
  const found = ['', 'deploy']
    .flatMap((parent) => childFolders(join(root, parent)).map((name) => join(parent, name)))
    .filter((path) => existsSync(join(root, path, 'package.json')))
    .map((path) => ({ path, dir: join(root, path), manifest: readManifest(join(root, path)) }));
  return inOrder(found);
};

/** The folders that others install a copy of. */
export const libraries = (folders: readonly Folder[]): Folder[] => {
  const wanted = new Set(folders.flatMap((folder) => siblingNames(folder.manifest)));
  return folders.filter((folder) => wanted.has(folder.manifest.name));
};

/**
 * The folders that `svc=` names, or all of them.
 * @throws Error when there is no such folder
 */
export const selectFolders = (folders: readonly Folder[], svc: string | undefined): Folder[] => {
  if (svc === undefined) return [...folders];
  const chosen = folders.filter((folder) => folder.path === svc.replace(/\/+$/, ''));
  if (chosen.length === 0) throw new Error(`no folder ${svc}: there are ${folders.map((f) => f.path).join(', ')}`);
  return chosen;
};

const childFolders = (dir: string): string[] =>
  existsSync(dir)
    ? readdirSync(dir, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
        .map((entry) => entry.name)
        .sort()
    : [];

const inOrder = (folders: readonly Folder[]): Folder[] => {
  const seen = new Set<Folder>();
  const ordered: Folder[] = [];
  const visit = (folder: Folder): void => {
    if (seen.has(folder)) return;
    seen.add(folder);
    const names = siblingNames(folder.manifest);
    folders.filter((other) => names.includes(other.manifest.name)).forEach(visit);
    ordered.push(folder);
  };
  folders.forEach(visit);
  return ordered;
};
