import { folderNamed } from '../arguments.ts';
import type { Context } from '../context.ts';
import { type Folder, findFolders, selectFolders } from '../folders.ts';
import { inParallel } from '../parallel.ts';
import { say, step } from '../steps.ts';
import { conformanceRunner } from '../testing/conformance-runner.ts';
import { runSuite, type SuiteResult } from '../testing/suite.ts';
import { startThrowawayMesh } from '../testing/throwaway-mesh.ts';
import { startThrowawayMysql } from '../testing/throwaway-mysql.ts';
import { failureLines } from './failure-lines.ts';
import { lintFolders } from './lint.ts';

/** The folder whose tests need the whole mesh. */
const E2E = 'deploy/e2e';

const AT_ONCE = 2;

/**
 * Lints, then runs the tests of every folder, or of the one that `svc=` names, with all that they need. A folder that
 * fails does not stop the others. What failed is said again at the end; the last line is `N passed, N failed`. With `file=`
 * only that file of the folder is run, and nothing is linted.
 */
export const test = async (context: Context): Promise<void> => {
  const start = performance.now();
  const folders = selectFolders(findFolders(context.root), folderNamed(context.processes, context.svc))
    .filter(({ manifest }) => manifest.scripts?.test !== undefined)
    .toSorted((one, other) => rankOf(one) - rankOf(other));
  const [file] = context.args;
  const [badLint, database] = await Promise.all([
    file ? [] : lintFolders(context, folders),
    databaseFor(context, folders),
  ]);
  const env = { ...context.env, ...database, ...conformanceRunner(context) };
  const results = await inParallel(AT_ONCE, folders, (folder) => testFolder(context, folder, env));
  summarise(badLint, results, performance.now() - start);
};

/**
 * What takes long begins first, so that nothing long is left when all else is done: services, and then the whole mesh, which
 * has more of the machine when the longest of them is about to end.
 */
const rankOf = ({ path, manifest }: Folder): number => {
  if (manifest.scripts?.migrate !== undefined) return 0;
  return path === E2E ? 1 : 2;
};

/** Without a database the folders that want one fail, and the others still run. */
const databaseFor = async (context: Context, folders: readonly Folder[]): Promise<NodeJS.ProcessEnv> => {
  if (!folders.some(({ manifest }) => manifest.scripts?.migrate !== undefined)) return {};
  try {
    return { TEST_DATABASE_URL: await step('MySQL for the tests', () => startThrowawayMysql(context)) };
  } catch (error) {
    context.signal.throwIfAborted();
    say(`malla: there is no MySQL for the tests: ${error instanceof Error ? error.message : error}`);
    return {};
  }
};

/** Whatever goes wrong in one folder is a failed test of that folder; only an interruption ends the run. */
const testFolder = async (context: Context, folder: Folder, env: NodeJS.ProcessEnv): Promise<SuiteResult> => {
  try {
    const mesh = folder.path === E2E ? await startThrowawayMesh(context) : {};
    return await suiteOf(context, folder, { ...env, ...mesh });
  } catch (error) {
    context.signal.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    say(`malla: ${folder.path}: ${message}`);
    return { path: folder.path, output: '', passed: 0, failed: 1, failures: [{ title: 'not run', message }] };
  }
};

const suiteOf = async (
  { run, svc, args: [file], signal }: Context,
  folder: Folder,
  env: NodeJS.ProcessEnv,
): Promise<SuiteResult> => {
  const onOutput = svc === undefined ? undefined : (chunk: string) => void process.stdout.write(chunk);
  const result = await step(`${folder.path}: test`, () =>
    runSuite(folder, { tempDir: run.tempDir('test'), env, signal, onOutput, file }),
  );
  if (result.failed > 0 && svc === undefined) say(result.output);
  return result;
};

const summarise = (badLint: readonly string[], results: readonly SuiteResult[], tookMs: number): void => {
  say('');
  for (const { path, passed, failed } of results)
    say(`  ${path.padEnd(20)} ${passed} passed${failed > 0 ? `, ${failed} FAILED` : ''}`);
  for (const path of badLint) say(`  ${path.padEnd(20)} lint FAILED`);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, badLint.length);
  if (failed > 0) process.exitCode = 1;
  say(`  all of it took ${(tookMs / 1000).toFixed(0)} s\n`);
  for (const line of failureLines(results)) say(line);
  say(`${passed} passed, ${failed} failed`);
};
