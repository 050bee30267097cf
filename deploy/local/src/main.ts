import { join } from 'node:path';
import { type Asked, checkArguments, folderNamed, type Named } from './arguments.ts';
import { type Context, createContext, stateOf } from './context.ts';
import { reportFailure } from './failure.ts';
import { findFolders, selectFolders } from './folders.ts';
import { watchForInterruption } from './interruption.ts';
import { requirePorts } from './mesh/ports-needed.ts';
import { folderOf, PROCESSES, presentProcesses } from './mesh/processes.ts';
import { startRun } from './run.ts';
import { setup } from './setup/setup.ts';

type Command = {
  /** What `svc=` may name. */
  readonly svc: Named;
  /** What has to be free or there before anything is installed; it uses nothing but Node. */
  readonly before?: (asked: Asked) => Promise<void>;
  /** What has to be installed and built before, besides the libraries and this folder. */
  readonly needs: 'nothing' | 'svc or all' | readonly string[];
  /** Loaded late: before the setup, the packages that it imports may not be there. */
  readonly load: () => Promise<(context: Context) => Promise<void>>;
};

const ROOT = join(import.meta.dirname, '../../..');
const PROCESS_FOLDERS = [...new Set(PROCESSES.map(folderOf))];
const NOTHING_MORE = async () => async () => undefined;

const COMMANDS: Readonly<Record<string, Command>> = {
  setup: { svc: 'folder', needs: 'svc or all', load: NOTHING_MORE },
  gen: { svc: 'folder', needs: 'svc or all', load: NOTHING_MORE },
  up: {
    svc: 'nothing',
    before: requirePorts,
    needs: PROCESS_FOLDERS,
    load: async () => (await import('./commands/up.ts')).up,
  },
  down: { svc: 'process', needs: 'nothing', load: async () => (await import('./commands/down.ts')).down },
  reset: { svc: 'nothing', needs: 'nothing', load: async () => (await import('./commands/down.ts')).reset },
  restart: { svc: 'process', needs: 'nothing', load: async () => (await import('./commands/restart.ts')).restart },
  start: { svc: 'process', needs: 'nothing', load: async () => (await import('./commands/restart.ts')).start },
  stop: { svc: 'process', needs: 'nothing', load: async () => (await import('./commands/restart.ts')).stop },
  kill: { svc: 'process', needs: 'nothing', load: async () => (await import('./commands/restart.ts')).kill },
  status: { svc: 'process', needs: 'nothing', load: async () => (await import('./commands/status.ts')).status },
  logs: { svc: 'process', needs: 'nothing', load: async () => (await import('./commands/logs.ts')).logs },
  dev: { svc: 'one process', needs: 'svc or all', load: async () => (await import('./commands/dev.ts')).dev },
  job: { svc: 'one process', needs: 'nothing', load: async () => (await import('./commands/job.ts')).job },
  format: { svc: 'folder', needs: 'svc or all', load: async () => (await import('./commands/lint.ts')).format },
  lint: { svc: 'folder', needs: 'svc or all', load: async () => (await import('./commands/lint.ts')).lint },
  test: { svc: 'folder', needs: 'svc or all', load: async () => (await import('./commands/test.ts')).test },
  e2e: {
    svc: 'nothing',
    needs: [...PROCESS_FOLDERS, 'deploy/e2e'],
    load: async () => (await import('./commands/e2e.ts')).e2e,
  },
  soak: {
    svc: 'nothing',
    needs: [...PROCESS_FOLDERS, 'deploy/e2e'],
    load: async () => (await import('./commands/e2e.ts')).soak,
  },
  attack: {
    svc: 'nothing',
    needs: [...PROCESS_FOLDERS, 'deploy/e2e'],
    load: async () => (await import('./commands/e2e.ts')).attack,
  },
  bench: {
    svc: 'nothing',
    needs: [...PROCESS_FOLDERS, 'deploy/bench'],
    load: async () => (await import('./commands/e2e.ts')).bench,
  },
  conformance: {
    svc: 'nothing',
    needs: ['edge-gateway'],
    load: async () => (await import('./commands/e2e.ts')).conformance,
  },
  schemathesis: {
    svc: 'nothing',
    needs: [...PROCESS_FOLDERS, 'deploy/e2e'],
    load: async () => (await import('./commands/e2e.ts')).schemathesis,
  },
  nightly: {
    svc: 'nothing',
    needs: [...PROCESS_FOLDERS, 'deploy/e2e'],
    load: async () => (await import('./commands/e2e.ts')).nightly,
  },
  'split-check': { svc: 'folder', needs: [], load: async () => (await import('./commands/split-check.ts')).splitCheck },
};

/** What lies under deploy/ needs every process. @throws Error when `svc=` names no folder */
const foldersFor = (
  needs: 'svc or all' | readonly string[],
  svc: string | undefined,
): readonly string[] | undefined => {
  if (needs !== 'svc or all') return needs;
  if (svc === undefined) return undefined;
  const chosen = selectFolders(findFolders(ROOT), folderNamed(PROCESSES, svc)).map(({ path }) => path);
  return svc.startsWith('deploy/') ? [...chosen, ...PROCESS_FOLDERS] : chosen;
};

const main = async (name: string, svc: string | undefined, args: readonly string[]): Promise<void> => {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new Error(`no command "${name}": there are ${Object.keys(COMMANDS).join(', ')}`);
  const asked: Asked = { root: ROOT, state: stateOf(ROOT), processes: presentProcesses(ROOT), name, svc, args };
  checkArguments(command.svc, asked);
  await command.before?.(asked);
  const signal = watchForInterruption();
  const run = startRun();
  try {
    if (command.needs !== 'nothing') {
      const only = foldersFor(command.needs, svc);
      await setup({ root: ROOT, only, gen: name === 'gen', tempDir: run.tempDir('setup'), signal });
    }
    await (await command.load())(createContext({ root: ROOT, svc, args, signal, run }));
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    await run.cleanUp();
  }
};

process.stdout.on('error', () => undefined);
const [name = '', svc, ...args] = process.argv.slice(2);
await main(name, svc || undefined, args).catch(reportFailure);
