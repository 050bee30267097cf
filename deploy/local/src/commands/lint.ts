import type { Context } from '../context.ts';
import { exec } from '../exec.ts';
import { type Folder, findFolders, selectFolders } from '../folders.ts';
import { inParallel } from '../parallel.ts';
import { say, step } from '../steps.ts';

const AT_ONCE = 2;

/** Runs every folder's `npm run lint`. @throws Error naming the folders that failed, after what they said */
export const lint = async (context: Context): Promise<void> => {
  const failed = await lintFolders(context, selectFolders(findFolders(context.root), context.svc));
  if (failed.length > 0) throw new Error(`lint failed in ${failed.join(', ')}`);
};

/** @returns the paths of the folders whose lint failed */
export const lintFolders = async (context: Pick<Context, 'signal'>, folders: readonly Folder[]): Promise<string[]> => {
  const results = await inParallel(
    AT_ONCE,
    folders.filter(({ manifest }) => manifest.scripts?.lint !== undefined),
    async (folder) => {
      const { exitCode, output } = await step(`${folder.path}: lint`, () =>
        exec('npm', ['run', '--silent', 'lint'], { cwd: folder.dir, signal: context.signal }),
      );
      if (exitCode !== 0) say(output);
      return exitCode === 0 ? [] : [folder.path];
    },
  );
  return results.flat();
};
