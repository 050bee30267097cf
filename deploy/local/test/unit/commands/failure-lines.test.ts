import assert from 'node:assert/strict';
import { failureLines } from '../../../src/commands/failure-lines.ts';

const failure = (title: string, message = 'why') => ({ title, message });

describe('failureLines', () => {
  it('says each failure of every folder in one short line', () => {
    const lines = failureLines([
      {
        path: 'svc-users',
        failures: [failure('Login: answers OK', `\u001b[31mExpected\n\n+ 1\n- 2\u001b[0m${'x'.repeat(1_000)}`)],
      },
      { path: 'chassis', failures: [] },
      { path: 'proto', failures: [failure('a')] },
    ]);
    assert.match(lines[0] ?? '', /^FAILED svc-users: Login: answers OK: Expected \+ 1 - 2x+…$/);
    assert.equal(lines[1], 'FAILED proto: a: why');
    assert.ok(lines.every((line) => line.length < 400));
  });

  it('says how many more there are, so that the first ones stay in sight', () => {
    const failures = Array.from({ length: 20 }, (_, at) => failure(`${at}`));
    const lines = failureLines([{ path: 'proto', failures }]);
    assert.equal(lines.length, 13);
    assert.equal(lines.at(-1), 'and 8 more');
  });
});
