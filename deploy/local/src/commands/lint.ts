import { folderNamed } from '../arguments.ts';
import type { Context } from '../context.ts';
import { exec } from '../exec.ts';
import { type Folder, findFolders, selectFolders } from '../folders.ts';
import { inParallel } from '../parallel.ts';
import { say, step } from '../steps.ts';

const AT_ONCE = 2;

/** Runs every folder's `npm run lint`. @throws Error naming the folders that failed, after what they said */
export const lint = async (context: Context): Promise<void> => {
  const failed = await lintFolders(context, foldersOf(context));
  if (failed.length > 0) throw new Error(`lint failed in ${failed.join(', ')}`);
};

/** Formats every folder, or the one that `svc=` names, and applies the linter's safe repairs. @throws Error naming the folders where something is left */
export const format = async (context: Context): Promise<void> => {
  const failed = await inFolders(context, foldersOf(context), 'format', [
    'exec',
    '--',
    'biome',
    'check',
    '--write',
    '.',
  ]);
  if (failed.length > 0) throw new Error(`not all could be repaired in ${failed.join(', ')}`);
};

const foldersOf = ({ root, processes, svc }: Context): Folder[] =>
  selectFolders(findFolders(root), folderNamed(processes, svc));

/** @returns the paths of the folders whose lint failed */
export const lintFolders = (context: Pick<Context, 'signal'>, folders: readonly Folder[]): Promise<string[]> =>
  inFolders(context, folders, 'lint', ['run', '--silent', 'lint']);

const inFolders = async (
  { signal }: Pick<Context, 'signal'>,
  folders: readonly Folder[],
  what: string,
  npmArgs: readonly string[],
): Promise<string[]> => {
  const linted = folders.filter(({ manifest }) => manifest.scripts?.lint !== undefined);
  const results = await inParallel(AT_ONCE, linted, async ({ path, dir }) => {
    const work = () => exec('npm', npmArgs, { cwd: dir, signal });
    const { exitCode, output } = await step(`${path}: ${what}`, work);
    if (exitCode !== 0) say(output);
    return exitCode === 0 ? [] : [path];
  });
  return results.flat();
};
