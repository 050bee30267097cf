import { execFile } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeThirdParty } from './third-party.ts';
import { mendTimestamps } from './timestamps.ts';

const root = join(import.meta.dirname, '..');
/** Built beside the old one and put in its place at the end: who imports `dist/` finds it whole at any time. */
const NEW = 'dist.new';

const run = promisify(execFile);
const bin = (name: string, ...args: string[]) => run(join(root, 'node_modules/.bin', name), args, { cwd: root });
const remove = (folder: string) => rmSync(join(root, folder), { recursive: true, force: true });
const descriptorSet = (path: string, name: string) =>
  bin('buf', 'build', '--as-file-descriptor-set', '--path', path, '--output', `${NEW}/${name}`);

try {
  writeThirdParty(root);
  remove('gen');
  remove(NEW);
  mkdirSync(join(root, NEW));
  await Promise.all([
    bin('buf', 'generate'),
    descriptorSet('malla', 'malla.binpb'),
    descriptorSet('testing/malla', 'testing.binpb'),
  ]);
  mendTimestamps(join(root, 'gen/ts'));
  await bin('tsc', '--project', 'tsconfig.build.json', '--outDir', NEW);
  remove('dist');
  renameSync(join(root, NEW), join(root, 'dist'));
} catch (error) {
  const { stdout, stderr } = error as { stdout?: string; stderr?: string };
  console.error(stdout || stderr || error);
  process.exitCode = 1;
}
