import { join } from 'node:path';
import { type Context, createContext } from './context.ts';
import { reportFailure } from './failure.ts';
import { findFolders, selectFolders } from './folders.ts';
import { watchForInterruption } from './interruption.ts';
import { folderOf, PROCESSES } from './mesh/processes.ts';
import { startRun } from './run.ts';
import { setup } from './setup/setup.ts';

type Command = {
  /** What has to be installed and built before, besides the libraries and this folder. */
  readonly needs: 'nothing' | 'svc or all' | readonly string[];
  /** Loaded late: before the setup, the packages that it imports may not be there. */
  readonly load: () => Promise<(context: Context) => Promise<void>>;
};

const ROOT = join(import.meta.dirname, '../../..');
const PROCESS_FOLDERS = [...new Set(PROCESSES.map(folderOf))];
const NOTHING_MORE = async () => async () => undefined;

const COMMANDS: Readonly<Record<string, Command>> = {
  setup: { needs: 'svc or all', load: NOTHING_MORE },
  gen: { needs: 'svc or all', load: NOTHING_MORE },
  up: { needs: PROCESS_FOLDERS, load: async () => (await import('./commands/up.ts')).up },
  down: { needs: 'nothing', load: async () => (await import('./commands/down.ts')).down },
  reset: { needs: 'nothing', load: async () => (await import('./commands/down.ts')).reset },
  restart: { needs: 'nothing', load: async () => (await import('./commands/restart.ts')).restart },
  start: { needs: 'nothing', load: async () => (await import('./commands/restart.ts')).start },
  stop: { needs: 'nothing', load: async () => (await import('./commands/restart.ts')).stop },
  kill: { needs: 'nothing', load: async () => (await import('./commands/restart.ts')).kill },
  status: { needs: 'nothing', load: async () => (await import('./commands/status.ts')).status },
  logs: { needs: 'nothing', load: async () => (await import('./commands/logs.ts')).logs },
  dev: { needs: 'svc or all', load: async () => (await import('./commands/dev.ts')).dev },
  job: { needs: 'nothing', load: async () => (await import('./commands/job.ts')).job },
  lint: { needs: 'svc or all', load: async () => (await import('./commands/lint.ts')).lint },
  test: { needs: 'svc or all', load: async () => (await import('./commands/test.ts')).test },
  e2e: { needs: [...PROCESS_FOLDERS, 'deploy/e2e'], load: async () => (await import('./commands/e2e.ts')).e2e },
  soak: { needs: [...PROCESS_FOLDERS, 'deploy/e2e'], load: async () => (await import('./commands/e2e.ts')).soak },
  bench: { needs: [...PROCESS_FOLDERS, 'deploy/bench'], load: async () => (await import('./commands/e2e.ts')).bench },
  conformance: { needs: ['edge-gateway'], load: async () => (await import('./commands/e2e.ts')).conformance },
  nightly: { needs: ['edge-gateway'], load: async () => (await import('./commands/e2e.ts')).nightly },
  'split-check': { needs: [], load: async () => (await import('./commands/split-check.ts')).splitCheck },
};

/** What cannot be done to one process alone. */
const WHOLE_MESH: ReadonlySet<string> = new Set(['up', 'reset', 'bench', 'e2e', 'soak', 'conformance', 'nightly']);

/** What lies under deploy/ needs every process. @throws Error when `svc=` names no folder */
const foldersFor = (
  needs: 'svc or all' | readonly string[],
  svc: string | undefined,
): readonly string[] | undefined => {
  if (needs !== 'svc or all') return needs;
  if (svc === undefined) return undefined;
  const sandbox = PROCESSES.find(({ name, of }) => name === svc && of !== undefined);
  const chosen = selectFolders(findFolders(ROOT), sandbox?.of ?? svc).map(({ path }) => path);
  return svc.startsWith('deploy/') ? [...chosen, ...PROCESS_FOLDERS] : chosen;
};

const main = async (name: string, svc: string | undefined, args: readonly string[]): Promise<void> => {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new Error(`no command "${name}": there are ${Object.keys(COMMANDS).join(', ')}`);
  if (svc !== undefined && WHOLE_MESH.has(name))
    throw new Error(`make ${name} is for the whole mesh and takes no svc=`);
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
