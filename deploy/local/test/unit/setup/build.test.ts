import assert from 'node:assert/strict';
import { fingerprintOf } from '../../../src/setup/build.ts';
import { put, tempDir } from '../../temp-dir.ts';

const library = (): string => {
  const dir = tempDir();
  put(dir, 'package.json', '{}');
  put(dir, 'src/deep/a.ts', 'export const a = 1;');
  put(dir, '.gitignore', 'node_modules/\n/made/\n');
  return dir;
};

describe('fingerprintOf', () => {
  it('changes with a source, its name, and the libraries below', () => {
    const dir = library();
    const first = fingerprintOf(dir, []);
    assert.equal(fingerprintOf(dir, []), first);
    assert.notEqual(fingerprintOf(dir, ['other']), first);
    put(dir, 'src/deep/a.ts', 'export const a = 2;');
    const second = fingerprintOf(dir, []);
    assert.notEqual(second, first);
    put(dir, 'src/b.ts', '');
    assert.notEqual(fingerprintOf(dir, []), second);
  });

  it('does not change with what is built, installed, ignored or a test', () => {
    const dir = library();
    const first = fingerprintOf(dir, []);
    for (const path of ['dist/a.js', 'node_modules/x/index.js', 'made/x.ts', 'test/a.test.ts']) put(dir, path, 'x');
    assert.equal(fingerprintOf(dir, []), first);
  });
});
