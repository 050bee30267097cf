import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { findRunning, isAlive } from '../../../src/mesh/pid-files.ts';
import { type State, stateIn, writeWhole } from '../../../src/mesh/state.ts';
import { killRunning, startInBackground, stopRunning } from '../../../src/mesh/supervise.ts';
import { tempDir } from '../../temp-dir.ts';
import { untilGone } from '../../until-gone.ts';

const start = (state: State, script: string) =>
  startInBackground(state, {
    name: 'x',
    command: 'sh',
    args: ['-c', script],
    cwd: '/',
    env: process.env,
    configHash: 'h',
  });

const untilLogged = async (state: State, text: string): Promise<void> => {
  while (!readFileSync(state.logFile('x'), 'utf8').includes(text)) await delay(10);
};

describe('startInBackground', () => {
  it('records the process and writes its output to its log', async () => {
    const state = stateIn(tempDir());
    const { running } = await start(state, 'echo hello; sleep 60');
    await untilLogged(state, 'hello');
    assert.deepEqual(findRunning(state, 'x'), running);
    assert.equal(statSync(state.logFile('x')).mode & 0o777, 0o600);
    await stopRunning(state, 'x');
    assert.equal(isAlive(running), false);
    assert.equal(existsSync(state.pidFile('x')), false);
  });

  it('says what it cannot start', async () => {
    const options = { name: 'x', command: '/no/such', args: [], cwd: '/', env: process.env, configHash: '' };
    await assert.rejects(startInBackground(stateIn(tempDir()), options), /cannot start x: .*ENOENT/);
  });
});

describe('stopRunning', () => {
  it('ends a process that ignores SIGTERM, and its children', async () => {
    const state = stateIn(tempDir());
    const { running } = await start(state, "trap '' TERM; sleep 60 & echo child $!; wait; wait");
    await untilLogged(state, 'child');
    const child = Number(/child (\d+)/.exec(readFileSync(state.logFile('x'), 'utf8'))?.[1]);
    assert.equal(await stopRunning(state, 'x', 100), true);
    assert.equal(isAlive(running), false);
    await untilGone(child);
  });

  it('never touches another process that got the same pid', async () => {
    const state = stateIn(tempDir());
    const { running } = await start(state, 'sleep 60');
    writeWhole(state.pidFile('x'), JSON.stringify({ ...running, startTime: '1' }));
    assert.equal(await stopRunning(state, 'x'), false);
    assert.equal(isAlive(running), true);
    writeWhole(state.pidFile('x'), JSON.stringify(running));
    await killRunning(state, 'x');
    assert.equal(isAlive(running), false);
  });

  it('does nothing where nothing was started, or a pid file is half-written', async () => {
    const state = stateIn(tempDir());
    assert.equal(await stopRunning(state, 'x'), false);
    writeWhole(state.pidFile('x'), '{"pid":');
    assert.equal(await stopRunning(state, 'x'), false);
  });
});
