import assert from 'node:assert/strict';
import { findFolders, libraries, selectFolders } from '../../src/folders.ts';
import { put, tempDir } from '../temp-dir.ts';

const manifest = (name: string, dependencies: Record<string, string> = {}) =>
  JSON.stringify({ name, version: '1.0.0', dependencies });

const repository = (): string => {
  const root = tempDir();
  put(
    root,
    'a-process/package.json',
    manifest('@x/a', { '@x/kit': 'file:../kit', '@x/words': 'file:../words', other: '1.0.0' }),
  );
  put(root, 'kit/package.json', manifest('@x/kit', { '@x/words': 'file:../words' }));
  put(root, 'words/package.json', manifest('@x/words'));
  put(root, 'deploy/e2e/package.json', manifest('@x/e2e'));
  put(root, 'docs/README.md', '');
  put(root, '.tools/package.json', manifest('hidden'));
  return root;
};

describe('findFolders', () => {
  it('finds the packages at the top and under deploy/, each after those it depends on', () => {
    const paths = findFolders(repository()).map(({ path }) => path);
    assert.deepEqual(paths, ['words', 'kit', 'a-process', 'deploy/e2e']);
  });

  it('ends although two folders depend on each other', () => {
    const root = tempDir();
    put(root, 'a/package.json', manifest('a', { b: 'file:../b' }));
    put(root, 'b/package.json', manifest('b', { a: 'file:../a' }));
    assert.equal(findFolders(root).length, 2);
  });
});

describe('libraries', () => {
  it('are the folders that another folder installs a copy of', () => {
    const paths = libraries(findFolders(repository())).map(({ path }) => path);
    assert.deepEqual(paths, ['words', 'kit']);
  });
});

describe('selectFolders', () => {
  const folders = findFolders(repository());

  it('takes all without a name, and one by its path', () => {
    assert.equal(selectFolders(folders, undefined).length, 4);
    assert.deepEqual(
      selectFolders(folders, 'deploy/e2e/').map(({ path }) => path),
      ['deploy/e2e'],
    );
  });

  it('names the folders there are when it gets another name', () => {
    assert.throws(() => selectFolders(folders, 'svc-none'), /no folder svc-none: there are words, kit/);
  });
});
