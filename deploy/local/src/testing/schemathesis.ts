import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { exec, execOrThrow } from '../exec.ts';
import { hashOf } from '../mesh/supervise.ts';
import { say, step } from '../steps.ts';

const REQUIREMENTS = 'deploy/e2e/schemathesis/requirements.txt';

/**
 * Brings schemathesis into a virtual environment of its own, where this machine has Python.
 * @returns its program; undefined, and says so, where there is no Python 3.10 or newer that can make such an environment
 * @throws Error in one line when its packages cannot be had
 */
export const findSchemathesis = async ({ root, toolsDir, signal }: Context): Promise<string | undefined> => {
  const folder = join(toolsDir, `schemathesis-${hashOf(readFileSync(join(root, REQUIREMENTS), 'utf8')).slice(0, 12)}`);
  const program = join(folder, 'bin/schemathesis');
  if (existsSync(program)) return program;
  const script = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  const python = await exec('python3', ['-c', script], { signal }).catch(() => undefined);
  if (python?.exitCode !== 0) {
    say('schemathesis is skipped: it needs Python 3.10 or newer with venv');
    return undefined;
  }
  await step('schemathesis: install', async () => {
    await execOrThrow('python3', ['-m', 'venv', folder], { signal });
    await execOrThrow(join(folder, 'bin/pip'), ['install', '--quiet', '-r', join(root, REQUIREMENTS)], { signal });
  });
  return program;
};
