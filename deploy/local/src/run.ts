import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endRun, markRun } from './run-processes.ts';

/** Where Linux keeps files in memory, and what has to be free there for tests. */
const MEMORY = { dir: '/dev/shm', bytesMin: 4_000_000_000 } as const;

/** One command at work: what it starts and writes is cleaned up after it, even when it is killed. */
export type Run = {
  /** A new private folder under the system's temporary one; it goes with the run. */
  tempDir(purpose: string): string;
  /** The same in memory, where the system has room for it: for databases of tests, which make and drop tables all the time. */
  memoryDir(purpose: string): string;
  /** Ends every process that the run started, unless they were released, and removes its folders. */
  cleanUp(): Promise<void>;
  /** Lets the processes that the run started live on. */
  release(): void;
};

export const startRun = (): Run => {
  const unmarked = { ...process.env };
  const run = markRun();
  const watchdog = spawn(process.execPath, [join(import.meta.dirname, 'watchdog.ts'), run], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: unmarked,
    detached: true,
  });
  watchdog.stdin.on('error', () => undefined);
  watchdog.unref();
  const dirs: string[] = [];
  let released = false;
  const release = (): void => {
    released = true;
    watchdog.stdin.end('done\n');
  };
  const newDir = (parent: string, purpose: string): string => {
    const dir = mkdtempSync(join(parent, `malla-${purpose}-`));
    dirs.push(dir);
    watchdog.stdin.write(`${dir}\n`);
    return dir;
  };
  const tempDir = (purpose: string) => newDir(realpathSync(tmpdir()), purpose);
  const memoryDir = (purpose: string) => (hasMemory() ? newDir(MEMORY.dir, purpose) : tempDir(purpose));
  const cleanUp = async (): Promise<void> => {
    if (!released) await endRun(run);
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
    release();
  };
  return { tempDir, memoryDir, cleanUp, release };
};

const hasMemory = (): boolean => {
  try {
    const { bavail, bsize } = statfsSync(MEMORY.dir);
    return bavail * bsize >= MEMORY.bytesMin;
  } catch {
    return false;
  }
};
