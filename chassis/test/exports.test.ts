import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

it('the README has one line for each export, in the same order', async () => {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string>;
  };
  const listed = Object.keys(manifest.exports).map((name) => name.slice(2));
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const lines = [...readme.matchAll(/^\| `([a-z0-9/-]+)` +\| `[a-z]+` +\|/gm)].map((line) => line[1]);
  assert.deepEqual(lines, listed);
});

it('each export has a source file', async () => {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string>;
  };
  for (const path of Object.values(manifest.exports))
    await readFile(join(root, path.replace('./dist/', 'src/').replace(/\.js$/, '.ts')));
});
