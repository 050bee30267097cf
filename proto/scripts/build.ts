import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeThirdParty } from './third-party.ts';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);
const bin = (name: string, ...args: string[]) => run(join(root, 'node_modules/.bin', name), args, { cwd: root });
const descriptorSet = (path: string, out: string) =>
  bin('buf', 'build', '--as-file-descriptor-set', '--path', path, '--output', out);

try {
  writeThirdParty(root);
  for (const folder of ['gen', 'dist']) rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, 'dist'));
  await Promise.all([
    bin('buf', 'generate'),
    descriptorSet('malla', 'dist/malla.binpb'),
    descriptorSet('testing/malla', 'dist/testing.binpb'),
  ]);
  await bin('tsc', '--project', 'tsconfig.build.json');
} catch (error) {
  const { stdout, stderr } = error as { stdout?: string; stderr?: string };
  console.error(stdout || stderr || error);
  process.exitCode = 1;
}
