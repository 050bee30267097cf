import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRunner, runConformance } from './run.ts';

describe('protobuf conformance', () => {
  const runner = findRunner();
  // Google's runner is a binary; where it does not run there is nothing to ask.
  if (runner) {
    it('is that of Google’s suite for proto3 and editions, JSON and binary', async function () {
      this.timeout(180_000);
      const { passed, text } = await runConformance(runner);
      assert.ok(passed, text.slice(-4_000));
    });
  } else {
    console.log('  skipped: Google’s conformance suite, whose runner does not start on this machine');
  }

  it('differs nowhere without a written reason', () => {
    const list = readFileSync(join(import.meta.dirname, 'expected-failures.txt'), 'utf8');
    assert.match(list, /^(#.+\n(#.+\n)*([A-Z][\w.]+\n)+)*$/);
  });
});
