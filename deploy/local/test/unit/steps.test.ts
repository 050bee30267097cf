import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const STEPS = join(import.meta.dirname, '../../src/steps.ts');

describe('step', () => {
  it('says what is at work when nothing else was said for a while', () => {
    const program = `import { step } from ${JSON.stringify(STEPS)};
      await step('a long one', () => new Promise((resolve) => setTimeout(resolve, 5_500)));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    assert.match(stdout, /^ {2}… a long one \([45]\.\d s\)\n {2}a long one +5\.\d s\n$/);
  });
});
