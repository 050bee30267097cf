import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { startTimeOf } from '../../src/mesh/pid-files.ts';
import { untilGone } from '../until-gone.ts';

const SOURCE = join(import.meta.dirname, '../../src/run.ts');

/** Starts a process that makes a run, in it two folders and a process in a session of its own, and then does `last`. */
const startVictim = async (last: string) => {
  const program = `import { spawn } from 'node:child_process';
    import { startRun } from ${JSON.stringify(SOURCE)};
    const run = startRun();
    const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    child.unref();
    console.log(JSON.stringify({ child: child.pid, dirs: [run.tempDir('victim'), run.memoryDir('victim')] }));
    ${last}`;
  const victim = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: victim.stdout }), 'line');
  return { victim, ...(JSON.parse(line) as { child: number; dirs: string[] }) };
};

describe('startRun', () => {
  it('cleans up what a run that was killed has started', async () => {
    const { victim, child, dirs } = await startVictim('setInterval(() => {}, 1000);');
    assert.ok(dirs.every((dir) => existsSync(dir)));
    victim.kill('SIGKILL');
    await untilGone(child);
    while (dirs.some((dir) => existsSync(dir))) await delay(10);
  });

  it('cleans up at the end', async () => {
    const { victim, child, dirs } = await startVictim('await run.cleanUp();');
    await once(victim, 'exit');
    await untilGone(child);
    assert.ok(dirs.every((dir) => !existsSync(dir)));
  });

  it('leaves alone what was released', async () => {
    const { victim, child, dirs } = await startVictim('run.release(); await run.cleanUp();');
    await once(victim, 'exit');
    assert.ok(dirs.every((dir) => !existsSync(dir)));
    assert.notEqual(startTimeOf(child), undefined);
    process.kill(child);
  });
});
