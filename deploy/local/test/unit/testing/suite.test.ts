import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findFolders } from '../../../src/folders.ts';
import { runSuite, sumTotals } from '../../../src/testing/suite.ts';
import { put, tempDir } from '../../temp-dir.ts';

const { signal } = new AbortController();
const MOCHA = join(import.meta.dirname, '../../../node_modules/.bin/mocha');

const ROOT = join(import.meta.dirname, '../../../../..');
const ENDS_WITHIN_MS = 20_000;

/** @param only the file to run alone, and what is in it */
const runTests = async (spec: string, script = `${MOCHA} spec.cjs`, only: Record<string, string> = {}) => {
  const dir = tempDir();
  put(dir, '.mocharc.json', JSON.stringify({ spec: 'spec.cjs' }));
  for (const [path, text] of Object.entries(only)) put(dir, path, text);
  const manifest = { name: 'x', version: '1.0.0', scripts: { test: script } };
  put(dir, 'package.json', JSON.stringify(manifest));
  put(dir, 'spec.cjs', spec);
  symlinkSync(join(MOCHA, '../..'), join(dir, 'node_modules'));
  const { env } = process;
  const [file] = Object.keys(only);
  return runSuite({ path: 'deploy/x', dir, manifest }, { tempDir: tempDir(), env, signal, file });
};

describe('sumTotals', () => {
  it('adds up every run of mocha', () => {
    const lines = '{"passes":2,"failures":0}\n{"title":"a","message":"b"}\n{"passes":3,"failures":1}\n';
    assert.deepEqual(sumTotals(lines), { passed: 5, failed: 1, failures: [{ title: 'a', message: 'b' }] });
    assert.deepEqual(sumTotals(''), { passed: 0, failed: 0, failures: [] });
  });
});

describe('runSuite', () => {
  it('ends with its last test in every folder, whatever holds its process', async () => {
    for (const folder of findFolders(ROOT).filter(({ manifest }) => manifest.scripts?.test !== undefined)) {
      const config = JSON.parse(readFileSync(join(folder.dir, '.mocharc.json'), 'utf8'));
      assert.equal(config.exit, true, folder.path);
    }
    const start = performance.now();
    const { passed, failed } = await runTests(
      "it('a', () => { setInterval(() => {}, 1000); require('net').createServer().listen(0); throw new Error('why'); });",
      `${MOCHA} --config ${join(ROOT, 'svc-users/.mocharc.json')} spec.cjs`,
    );
    assert.deepEqual({ passed, failed }, { passed: 0, failed: 1 });
    assert.ok(performance.now() - start < ENDS_WITHIN_MS);
  });

  it('runs one file alone', async () => {
    const spec = "it('b', () => {});";
    const one = await runTests("it('a', () => { throw new Error('not this one'); });", 'false', { 'other.cjs': spec });
    assert.deepEqual([one.passed, one.failed], [1, 0]);
  });

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
