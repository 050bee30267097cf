import assert from 'node:assert/strict';
import { join } from 'node:path';
import { runSuite, sumTotals } from '../../../src/testing/suite.ts';
import { put, tempDir } from '../../temp-dir.ts';

const { signal } = new AbortController();
const MOCHA = join(import.meta.dirname, '../../../node_modules/.bin/mocha');

const runTests = async (spec: string, script = `${MOCHA} spec.cjs`) => {
  const dir = tempDir();
  const manifest = { name: 'x', version: '1.0.0', scripts: { test: script } };
  put(dir, 'package.json', JSON.stringify(manifest));
  put(dir, 'spec.cjs', spec);
  return runSuite({ path: 'deploy/x', dir, manifest }, { tempDir: tempDir(), env: process.env, signal });
};

describe('sumTotals', () => {
  it('adds up every run of mocha', () => {
    const lines = '{"passes":2,"failures":0}\n{"title":"a","message":"b"}\n{"passes":3,"failures":1}\n';
    assert.deepEqual(sumTotals(lines), { passed: 5, failed: 1, failures: [{ title: 'a', message: 'b' }] });
    assert.deepEqual(sumTotals(''), { passed: 0, failed: 0, failures: [] });
  });
});

describe('runSuite', () => {
  it('counts what passed and failed, and keeps what the tests said', async () => {
    const { passed, failed, failures, output } = await runTests(
      "it('a', () => {}); it('b', () => {}); describe('c', () => it('d', () => { throw new Error('why'); }));",
    );
    assert.deepEqual({ passed, failed }, { passed: 2, failed: 1 });
    assert.deepEqual(failures, [{ title: 'c: d', message: 'why' }]);
    assert.match(output, /Error: why/);
  });

  it('counts a suite that ends before its tests as a failed test', async () => {
    const { passed, failed, failures } = await runTests(
      "it('a', () => { console.log('Error: no'); process.exit(3); });",
    );
    assert.deepEqual({ passed, failed }, { passed: 0, failed: 1 });
    assert.deepEqual(failures, [{ title: 'npm test ended with 3', message: 'Error: no' }]);
  });

  it('counts one that fails after its tests as a failed test', async () => {
    const { passed, failed } = await runTests("it('a', () => {});", `${MOCHA} spec.cjs && exit 1`);
    assert.deepEqual({ passed, failed }, { passed: 1, failed: 1 });
  });
});
