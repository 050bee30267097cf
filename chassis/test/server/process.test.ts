import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterThisTest } from '../support/cleanup.ts';

function run(scenario: string) {
  const child = fork(join(import.meta.dirname, '../fixtures/process.ts'), [scenario], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  afterThisTest(() => void child.kill('SIGKILL'));
  return { child, output: text(child.stdout as NonNullable<ChildProcess['stdout']>), ended: once(child, 'exit') };
}

describe('runProcess', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`stops and exits 0 on ${signal}`, async () => {
      const { child, ended, output } = run('runs');
      await once(child, 'message');
      child.kill(signal);
      assert.deepEqual(await ended, [0, null]);
      assert.match(await output, /"msg":"stopping"/);
    });
  }

  it('stops once however many signals come', async () => {
    const { child, ended } = run('stops once');
    await once(child, 'message');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    child.kill('SIGTERM');
    const [{ stops }] = await once(child, 'message');
    assert.equal(stops, 1);
    assert.deepEqual(await ended, [0, null]);
  });

  it('exits 1 when its stop takes longer than it said', async () => {
    const { child, ended, output } = run('stops too slowly');
    await once(child, 'message');
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [1, null]);
    assert.match(await output, /it took over 200 ms.*"msg":"could not stop in time"/);
  });

  const fatal: [string, RegExp][] = [
    ['fails to start', /"level":"fatal".*no database.*"msg":"could not start"/],
    ['throws at start', /"level":"fatal".*no database.*"msg":"could not start"/],
    ['throws later', /"level":"fatal".*nobody caught me.*"msg":"uncaught exception"/],
  ];
  for (const [scenario, line] of fatal) {
    it(`exits 1 and says why when it ${scenario}`, async () => {
      const { ended, output } = run(scenario);
      assert.deepEqual(await ended, [1, null]);
      assert.match(await output, line);
      assert.ok(!(await output).includes('hunter2'));
    });
  }

  it('exits 1 and says why when it fails to stop', async () => {
    const { child, ended, output } = run('fails to stop');
    await once(child, 'message');
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [1, null]);
    assert.match(await output, /"level":"fatal".*stuck.*"msg":"could not stop"/);
  });

  it('goes on after a rejection that nobody handled, and logs it', async () => {
    const { child, ended, output } = run('forgets a rejection');
    await once(child, 'message');
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    assert.match(await output, /"level":"error".*the database refused a statement.*"msg":"unhandled rejection"/);
    assert.ok(!(await output).includes('hunter2'));
  });

  it('writes that a library used the console, or that Node warned, and not what with', async () => {
    const { child, ended, output } = run('writes to the console');
    await once(child, 'message');
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    assert.equal((await output).match(/a library wrote to the console/g)?.length, 2);
    assert.match(await output, /a warning of Node/);
    assert.ok(!(await output).includes('hunter2'));
  });
});
