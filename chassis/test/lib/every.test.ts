import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { every } from '../../src/lib/every.ts';
import { createLogger } from '../../src/observe/logger.ts';

describe('every', () => {
  const lines: string[] = [];
  const log = createLogger(
    'test',
    'info',
    new Writable({ write: (line, _encoding, done) => done(void lines.push(String(line))) }),
  );

  it('goes on after a failure, which it logs', async () => {
    const third = Promise.withResolvers<void>();
    let rounds = 0;
    const stop = every(1, 'the work', log, async () => {
      rounds += 1;
      if (rounds === 3) third.resolve();
      throw new Error('not this time');
    });
    await third.promise;
    await stop();
    assert.ok(lines.some((line) => line.includes('the work failed')));
  });

  it('does it for the first time when that is wanted, and not for as long as it waits in between', async () => {
    const first = Promise.withResolvers<void>();
    const stop = every(3_600_000, 'the work', log, async () => first.resolve(), 1);
    await first.promise;
    await stop();
  });

  it('stops when the work that runs has ended, and starts no other', async () => {
    const started = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    let rounds = 0;
    const stop = every(1, 'the work', log, async () => {
      rounds += 1;
      started.resolve();
      await release.promise;
    });
    await started.promise;
    let stopped = false;
    const stopping = stop().then(() => {
      stopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(stopped, false);
    release.resolve();
    await stopping;
    assert.equal(rounds, 1);
  });
});
