import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { mallaContract } from '@malla/proto/contract';
import { checkBreaking } from './breaking.ts';

const root = join(import.meta.dirname, '..');
const buf = (...args: string[]) => {
  const { status } = spawnSync(join(root, 'node_modules/.bin/buf'), args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`buf ${args.join(' ')} failed`);
};

try {
  buf('lint');
  buf('format', '--diff', '--exit-code', '--path', 'malla', '--path', 'testing/malla');
  console.log(checkBreaking(root));
  console.log(`policy: all ${mallaContract().rpcs.size} RPCs have one`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
