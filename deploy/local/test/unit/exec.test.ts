import assert from 'node:assert/strict';
import { CommandError, exec, execOrThrow } from '../../src/exec.ts';
import { untilGone } from '../until-gone.ts';

describe('exec', () => {
  it('answers the exit code and all output', async () => {
    const { exitCode, output } = await exec('sh', ['-c', 'echo out; echo err >&2; exit 3']);
    assert.equal(exitCode, 3);
    assert.match(output, /out/);
    assert.match(output, /err/);
  });

  it('ends the command and its children when it is aborted', async () => {
    const controller = new AbortController();
    let child = 0;
    const onOutput = (chunk: string) => {
      child = Number(chunk);
      controller.abort(new Error('enough'));
    };
    const running = exec('sh', ['-c', 'sleep 60 & echo $!; wait'], { signal: controller.signal, onOutput });
    await assert.rejects(running, /enough/);
    await untilGone(child);
  });

  it('ends a command that takes too long, and says so', async () => {
    const { exitCode, output } = await exec('sh', ['-c', 'echo started; sleep 60'], { timeoutMs: 100 });
    assert.equal(exitCode, 124);
    assert.match(output, /started\n\nsh did not end within 0.1 s/);
  });

  it('does not wait for a process that the command left behind with its output', async () => {
    const { output } = await exec('sh', ['-c', 'setsid sleep 5 & echo $!']);
    process.kill(Number(output));
  });

  it('says which command is missing', async () => {
    await assert.rejects(exec('no-such-command', []), /cannot start no-such-command/);
  });
});

describe('execOrThrow', () => {
  it('throws an error that carries the output', async () => {
    await assert.rejects(execOrThrow('sh', ['-c', 'echo why; exit 1']), (error) => {
      assert(error instanceof CommandError);
      assert.equal(error.output, 'why\n');
      return true;
    });
  });
});
