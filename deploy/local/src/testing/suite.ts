import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../exec.ts';
import type { Folder } from '../folders.ts';
import { usefulLine } from '../mesh/log-lines.ts';

const SUITE_TIMEOUT_MS = 840_000;
const REPORTER = join(import.meta.dirname, 'reporter.cjs');

/** A test that failed. */
export type Failure = { readonly title: string; readonly message: string };

export type Totals = { readonly passed: number; readonly failed: number; readonly failures: readonly Failure[] };

export type SuiteResult = Totals & {
  readonly path: string;
  /** All that the tests said. */
  readonly output: string;
};

export type SuiteOptions = {
  /** A private folder for the numbers and for the temporary files of the tests. */
  readonly tempDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** The only file to run, by its path in the folder. */
  readonly file?: string | undefined;
  /** Where the output goes as it comes. */
  readonly onOutput?: ((chunk: string) => void) | undefined;
};

/** Runs a folder's `npm test`, or one file of it. A suite that ends badly without a failed test counts as one failed test. */
export const runSuite = async (folder: Folder, options: SuiteOptions): Promise<SuiteResult> => {
  const totalsFile = join(options.tempDir, `${folder.path.replaceAll('/', '-')}.jsonl`);
  rmSync(totalsFile, { force: true });
  const forMocha = { MOCHA_OPTIONS: `--reporter "${REPORTER}"`, MALLA_TEST_TOTALS: totalsFile };
  const env = { ...options.env, ...forMocha, TMPDIR: options.tempDir };
  const { onOutput, signal, file } = options;
  const [command, ...args] = file
    ? [join(folder.dir, 'node_modules/.bin/mocha'), '--config', configFor(folder, options), file]
    : ['npm', 'test', '--silent'];
  const { exitCode, output } = await exec(command, args, {
    cwd: folder.dir,
    env,
    signal,
    timeoutMs: SUITE_TIMEOUT_MS,
    ...(onOutput && { onOutput }),
  });
  const totals = sumTotals(existsSync(totalsFile) ? readFileSync(totalsFile, 'utf8') : '');
  const { passed, failed, failures } = totals;
  if (exitCode === 0 || failed > 0) return { path: folder.path, output, ...totals };
  const ended = { title: `npm test ended with ${exitCode}`, message: usefulLine(output) };
  return { path: folder.path, output, passed, failed: 1, failures: [...failures, ended] };
};

/** Mocha's configuration of a folder without the files that it names: mocha would run those beside the one that is asked for. */
const configFor = (folder: Folder, { tempDir }: SuiteOptions): string => {
  const { spec: _, ...config } = JSON.parse(readFileSync(join(folder.dir, '.mocharc.json'), 'utf8'));
  const path = join(tempDir, 'mocharc.json');
  writeFileSync(path, JSON.stringify(config));
  return path;
};

/** Adds up the lines that the reporter wrote: one for each failure, and one for each run of mocha that came to its end. */
export const sumTotals = (lines: string): Totals =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .reduce<Totals>(
      ({ passed, failed, failures }, line) =>
        line.title === undefined
          ? { passed: passed + line.passes, failed: failed + line.failures, failures }
          : { passed, failed, failures: [...failures, line] },
      { passed: 0, failed: 0, failures: [] },
    );
