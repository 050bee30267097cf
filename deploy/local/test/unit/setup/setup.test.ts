import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setup } from '../../../src/setup/setup.ts';
import { put, tempDir } from '../../temp-dir.ts';

const { signal } = new AbortController();
const NPMRC = 'install-links=true\nignore-scripts=true\nfund=false\naudit=false\noffline=true\n';

/** words <- kit <- app, as proto <- chassis <- a process; a build copies src to dist. */
const repository = (): string => {
  const root = tempDir();
  const add = (name: string, siblings: readonly string[], extra: object = {}) => {
    const dependencies = Object.fromEntries(siblings.map((sibling) => [`@x/${sibling}`, `file:../${sibling}`]));
    const manifest = { name: `@x/${name}`, version: '1.0.0', dependencies, ...extra };
    put(root, `${name}/package.json`, JSON.stringify(manifest));
    put(root, `${name}/.npmrc`, NPMRC);
    const packages = Object.fromEntries(
      siblings.map((sibling) => [
        `node_modules/@x/${sibling}`,
        {
          version: '1.0.0',
          resolved: `file:../${sibling}`,
          ...(sibling === 'kit' && { dependencies: { '@x/words': 'file:../words' } }),
        },
      ]),
    );
    put(
      root,
      `${name}/package-lock.json`,
      JSON.stringify({
        name: `@x/${name}`,
        version: '1.0.0',
        lockfileVersion: 3,
        requires: true,
        packages: { '': { name: `@x/${name}`, version: '1.0.0', dependencies }, ...packages },
      }),
    );
  };
  const built = { files: ['dist'], scripts: { build: 'rm -rf dist && cp -r src dist' } };
  add('words', [], built);
  add('kit', ['words'], built);
  add('app', ['kit', 'words']);
  put(root, 'words/src/index.js', 'one');
  put(root, 'kit/src/index.js', 'kit');
  return root;
};

const copyIn = (root: string, consumer: string) =>
  readFileSync(join(root, consumer, 'node_modules/@x/words/dist/index.js'), 'utf8');

describe('setup', () => {
  it('installs, builds and copies in the order of the dependencies, and then has nothing to do', async () => {
    const root = repository();
    await setup({ root, tempDir: tempDir(), signal });
    assert.equal(copyIn(root, 'app'), 'one');
    assert.equal(copyIn(root, 'kit'), 'one');
    rmSync(join(root, 'words/node_modules/.malla'), { recursive: true });
    put(root, 'app/node_modules/@x/words/untouched', '');
    await setup({ root, tempDir: tempDir(), signal });
    assert.ok(existsSync(join(root, 'app/node_modules/@x/words/untouched')));
  });

  it('brings an edit of a library to everyone who uses it, and takes away what it lost', async () => {
    const root = repository();
    put(root, 'words/src/old.js', '');
    await setup({ root, tempDir: tempDir(), signal });
    put(root, 'words/src/index.js', 'two');
    rmSync(join(root, 'words/src/old.js'));
    put(root, 'app/node_modules/@x/words/node_modules/nested/index.js', 'kept');
    await setup({ root, gen: true, tempDir: tempDir(), signal });
    assert.equal(copyIn(root, 'app'), 'two');
    assert.equal(copyIn(root, 'kit'), 'two');
    assert.equal(existsSync(join(root, 'app/node_modules/@x/words/dist/old.js')), false);
    assert.equal(readFileSync(join(root, 'app/node_modules/@x/words/node_modules/nested/index.js'), 'utf8'), 'kept');
  });

  it('prepares only the libraries and the folder that is asked for', async () => {
    const root = repository();
    put(root, 'lonely/package.json', '{"name":"@x/lonely","version":"1.0.0"}');
    put(root, 'lonely/package-lock.json', '{"lockfileVersion":3,"packages":{"":{}}}');
    await setup({ root, only: ['app'], tempDir: tempDir(), signal });
    assert.ok(existsSync(join(root, 'app/node_modules')));
    assert.equal(existsSync(join(root, 'lonely/node_modules')), false);
  });

  it('refuses a lockfile that does not know what a library needs', async () => {
    const root = repository();
    put(
      root,
      'words/package.json',
      JSON.stringify({
        name: '@x/words',
        version: '1.0.0',
        files: ['dist'],
        scripts: { build: 'cp -r src dist' },
        dependencies: { ms: '2.1.3' },
      }),
    );
    for (const path of ['package-lock.json', 'node_modules/.package-lock.json'])
      put(root, `words/${path}`, '{"packages":{"":{}}}');
    await assert.rejects(
      setup({ root, only: ['app'], tempDir: tempDir(), signal }),
      /kit\/package-lock.json is behind the dependencies of words: run `make gen`/,
    );
  });
});
