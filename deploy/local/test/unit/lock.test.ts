import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { withLock } from '../../src/lock.ts';
import { tempDir } from '../temp-dir.ts';

const signal = new AbortController().signal;

describe('withLock', () => {
  it('lets one in at a time', async () => {
    const root = tempDir();
    let inside = 0;
    const work = async () => {
      inside += 1;
      assert.equal(inside, 1);
      await new Promise(setImmediate);
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withLock(root, 'x', signal, work)));
  });

  it('is free again after a failure', async () => {
    const root = tempDir();
    const failing = withLock(root, 'x', signal, () => Promise.reject(new Error('no')));
    await assert.rejects(failing, /no/);
    assert.equal(await withLock(root, 'x', signal, async () => 'in'), 'in');
  });

  it('is free again when its holder is killed', async () => {
    const root = tempDir();
    const source = join(import.meta.dirname, '../../src/lock.ts');
    const program = `import { withLock } from ${JSON.stringify(source)};
      await withLock(${JSON.stringify(root)}, 'x', AbortSignal.timeout(60_000), () => { console.log('held'); return new Promise(() => setInterval(() => {}, 1000)); });`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    const waiting = withLock(root, 'x', signal, async () => 'in');
    holder.kill('SIGKILL');
    assert.equal(await waiting, 'in');
  });

  it('stops waiting when it is aborted', async () => {
    const root = tempDir();
    const controller = new AbortController();
    await withLock(root, 'x', signal, async () => {
      const waiting = withLock(root, 'x', controller.signal, async () => 'in');
      controller.abort(new Error('enough'));
      await assert.rejects(waiting, /enough/);
    });
  });
});
