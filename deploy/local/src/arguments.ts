import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findFolders, readManifest, selectFolders } from './folders.ts';
import { folderOf, type ProcessSpec } from './mesh/processes.ts';
import type { State } from './mesh/state.ts';

/** What `svc=` may name: nothing, a folder of the clone, a process of the mesh, or a process that has to be named. */
export type Named = 'nothing' | 'folder' | 'process' | 'one process';

export type Asked = {
  readonly root: string;
  readonly state: State;
  /** The processes whose folders are in the clone. */
  readonly processes: readonly ProcessSpec[];
  /** The goal as it was typed: `up`, or `job`. */
  readonly name: string;
  readonly svc: string | undefined;
  readonly args: readonly string[];
};

/**
 * Looks at what was typed before anything is installed, started or stopped.
 * @throws Error in one sentence, when the goal cannot be meant so
 */
export const checkArguments = (named: Named, asked: Asked): void => {
  const { root, processes, name, svc } = asked;
  if (named === 'nothing' && svc !== undefined) throw new Error(`make ${name} is for the whole mesh and takes no svc=`);
  if (named === 'one process' && svc === undefined) throw new Error(`say which process: make ${name} svc=svc-users`);
  if (named === 'folder' && !isSandbox(asked)) selectFolders(findFolders(root), svc);
  if (named === 'process' || named === 'one process') findProcess(processes, svc);
  CHECKS[name]?.(asked);
};

/** @throws Error naming the processes when `svc=` names none */
export const findProcess = (processes: readonly ProcessSpec[], svc: string | undefined): ProcessSpec | undefined => {
  const found = processes.find(({ name }) => name === svc);
  if (svc !== undefined && found === undefined)
    throw new Error(`no process ${svc}: there are ${processes.map(({ name }) => name).join(', ')}`);
  return found;
};

/** The folder that `svc=` names; of a sandbox the folder in which it lies. */
export const folderNamed = (processes: readonly ProcessSpec[], svc: string | undefined): string | undefined => {
  const spec = processes.find(({ name }) => name === svc);
  return spec === undefined ? svc?.replace(/\/+$/, '') : folderOf(spec);
};

const isSandbox = ({ processes, svc }: Asked): boolean =>
  processes.some(({ name, kind }) => name === svc && kind === 'sandbox');

const wasUp = ({ state, svc = '' }: Asked): void => {
  if (!existsSync(state.envFile(svc))) throw new Error(`${svc} has never been started here: make up starts it`);
};

const hasAccount = (asked: Asked): void => {
  const [script = '', ...more] = asked.args;
  const [account, ...permissions] = more.filter((arg) => !arg.startsWith('--'));
  if (['grant', 'revoke'].includes(script) && (!account || permissions.length === 0))
    throw new Error(`say whom and what: make ${script} email=ada@example.com permissions="ledger:verify ledger:read"`);
  wasUp(asked);
};

const hasTestFile = ({ root, processes, svc, args: [file] }: Asked): void => {
  if (!file) return;
  const folder = folderNamed(processes, svc);
  if (folder === undefined) throw new Error(`say whose test: make test svc=svc-stores file=${file}`);
  if (!existsSync(join(root, folder, file))) throw new Error(`there is no ${join(folder, file)}`);
};

const hasPart = ({ root, args: [part] }: Asked): void => {
  if (!part) return;
  const { scripts } = readManifest(join(root, 'deploy/bench'));
  const parts = Object.keys(scripts ?? {}).filter((script) => !NO_PARTS.has(script));
  if (!parts.includes(part)) throw new Error(`no part ${part}: there are ${parts.join(', ')}`);
};

const NO_PARTS: ReadonlySet<string> = new Set(['lint', 'test', 'test:unit']);
const CHECKS: Readonly<Record<string, (asked: Asked) => void>> = {
  dev: wasUp,
  job: hasAccount,
  test: hasTestFile,
  bench: hasPart,
};
