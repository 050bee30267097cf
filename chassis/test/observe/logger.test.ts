import assert from 'node:assert/strict';
import { createLogger, withoutRedaction } from '../../src/observe/logger.ts';

function loggerInto(lines: string[], level = 'info') {
  return createLogger('svc-test', level, { write: (line) => void lines.push(line) });
}

describe('createLogger', () => {
  it('writes one JSON line per entry, with service, level in words and time in ISO 8601', () => {
    const lines: string[] = [];
    loggerInto(lines).warn({ n: 1 }, 'two\nlines');
    assert.equal(lines.length, 1);
    const { time, ...entry } = JSON.parse(lines[0] as string);
    assert.deepEqual(entry, { level: 'warn', service: 'svc-test', pid: process.pid, n: 1, msg: 'two\nlines' });
    assert.match(time, /^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('blanks secrets at the first two levels, and in children', () => {
    const lines: string[] = [];
    const log = loggerInto(lines);
    for (const key of ['password', 'newPassword', 'authorization', 'cookie', 'token', 'refresh_token', 'accessToken']) {
      log.info({ [key]: 'hunter2', request: { [key]: 'hunter2' } });
      log.child({ [key]: 'hunter2' }).info({ headers: { [key]: 'hunter2' } }, 'child');
    }
    assert.equal(lines.length, 14);
    assert.ok(
      !lines.join('').includes('hunter2'),
      lines.find((line) => line.includes('hunter2')),
    );
  });

  it('stays within its level', () => {
    const lines: string[] = [];
    loggerInto(lines, 'warn').info('quiet');
    loggerInto(lines, 'silent').fatal('quiet');
    assert.deepEqual(lines, []);
  });
});

describe('withoutRedaction', () => {
  it('leaves the logger that it was made from as it is', () => {
    const lines: string[] = [];
    const log = loggerInto(lines);
    withoutRedaction(log).info({ token: 'shown' });
    log.info({ token: 'blanked' });
    assert.match(lines[0] as string, /shown/);
    assert.doesNotMatch(lines[1] as string, /blanked/);
  });
});
