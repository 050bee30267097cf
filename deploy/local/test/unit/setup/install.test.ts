import assert from 'node:assert/strict';
import { isInstalled, outdatedSiblings } from '../../../src/setup/install.ts';
import { put, tempDir } from '../../temp-dir.ts';

const lock = (packages: Record<string, unknown>) => JSON.stringify({ packages: { '': {}, ...packages } });

const folder = (wanted: Record<string, unknown>, installed?: Record<string, unknown>): string => {
  const dir = tempDir();
  put(dir, 'package-lock.json', lock(wanted));
  if (installed !== undefined) put(dir, 'node_modules/.package-lock.json', lock(installed));
  return dir;
};

const ms = { 'node_modules/ms': { version: '2.1.3', integrity: 'sha512-a' } };
const forOthers = { 'node_modules/other-os': { version: '1.0.0', optional: true } };

describe('isInstalled', () => {
  it('is true when node_modules holds what the lockfile says, or what is meant for other systems is missing', () => {
    assert.equal(isInstalled(folder({ ...ms, ...forOthers }, ms)), true);
  });

  it('is false without node_modules, or when an installation was cut off', () => {
    assert.equal(isInstalled(folder(ms)), false);
  });

  it('is false when a package is missing, is another version, has other contents, or is there too many', () => {
    const others = [
      {},
      { 'node_modules/ms': { version: '2.1.2' } },
      { 'node_modules/ms': { version: '2.1.3', integrity: 'sha512-b' } },
    ];
    for (const installed of others) assert.equal(isInstalled(folder(ms, installed)), false);
    assert.equal(isInstalled(folder({}, ms)), false);
  });
});

describe('outdatedSiblings', () => {
  const kit = (dependencies: Record<string, string>) => ({
    path: 'kit',
    dir: '/kit',
    manifest: { name: '@x/kit', version: '1.0.0', dependencies },
  });
  const consumer = (dependencies: Record<string, string>) => ({
    path: 'app',
    dir: folder({ 'node_modules/@x/kit': { version: '1.0.0', dependencies } }),
    manifest: { name: '@x/app', version: '1.0.0' },
  });

  it('sees that a library needs something that the lockfile does not know of', () => {
    assert.deepEqual(
      outdatedSiblings(consumer({}), [kit({ ms: '2.1.3' })]).map(({ path }) => path),
      ['kit'],
    );
  });

  it('cares neither for the order nor for where a library comes from', () => {
    const same = [kit({ b: '1.0.0', a: '1.0.0' })];
    assert.deepEqual(outdatedSiblings(consumer({ a: '1.0.0', b: '1.0.0' }), same), []);
  });
});
