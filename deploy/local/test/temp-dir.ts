import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const made: string[] = [];

/** A new folder that goes when the tests have ended. */
export const tempDir = (): string => {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'malla-unit-'));
  made.push(dir);
  return dir;
};

/** Writes a file with its folders. @returns its path */
export const put = (dir: string, path: string, text: string, mode = 0o644): string => {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode });
  return file;
};

/** Root hooks of mocha, by `require` in .mocharc.json. */
export const mochaHooks = {
  afterAll: () => {
    for (const dir of made) rmSync(dir, { recursive: true, force: true });
  },
};
