import { existsSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exec } from '../exec.ts';
import { readManifest } from '../folders.ts';
import { step } from '../steps.ts';
import { type Env, formatEnvFile, readEnvFile } from './env-files.ts';
import { untilHealthy } from './health.ts';
import { usefulLine } from './log-lines.ts';
import { answersHttp, isReady, isServing, reaches } from './probes.ts';
import { folderOf, type ProcessSpec } from './processes.ts';
import type { State } from './state.ts';
import { writeWhole } from './state.ts';
import { hashOf, type Started, startInBackground } from './supervise.ts';

const HEALTHY_WITHIN_MS = 60_000;

type SeedOptions = Pick<StartProcessOptions, 'root' | 'state' | 'signal'>;

export type StartProcessOptions = {
  readonly root: string;
  readonly state: State;
  readonly spec: ProcessSpec;
  /** Whether its migrations run before. */
  readonly migrate: boolean;
  readonly signal: AbortSignal;
  /** Whether it is part of a step that is told already. */
  readonly silent?: boolean;
};

/** Writes the file with a process's environment, from which it is started now and later, here and by hand. */
export const writeEnv = (state: State, { name }: ProcessSpec, env: Env): void =>
  writeWhole(state.envFile(name), formatEnvFile(env));

/** Changes whenever something that a process reads at its start does: its environment, its certificates or its code. */
export const configHash = (
  root: string,
  state: State,
  spec: ProcessSpec,
  env: Env = readEnvFile(state.envFile(spec.name)),
): string => {
  const certificates = Object.values(env).filter((value) => value.startsWith(state.dir) && value.endsWith('.pem'));
  const files = certificates.map((path) => readFileSync(path, 'utf8'));
  return hashOf([env, files, codeOf(join(root, folderOf(spec)))]);
};

/** The code of a process, and that of the libraries which change with it. */
const codeOf = (folder: string): string[] =>
  globSync(['package-lock.json', 'src/**/*.ts', 'node_modules/@malla/*/dist/**/*.{js,binpb}'], { cwd: folder })
    .sort()
    .map((path) => readFileSync(join(folder, path), 'utf8'));

/**
 * Starts a process of the mesh with the environment of its file and waits until it is healthy.
 * @throws Error in one line, with the reason from its log
 */
export const startProcess = async (options: StartProcessOptions): Promise<void> => {
  const { root, state, spec, signal } = options;
  const told = options.silent === true ? (_: string, work: () => Promise<void>) => work() : step;
  const cwd = join(root, folderOf(spec));
  const { scripts } = readManifest(cwd);
  const env = { ...process.env, ...readEnvFile(state.envFile(spec.name)) };
  if (options.migrate && spec.kind === 'service' && scripts?.migrate !== undefined) {
    await told(`${spec.name}: migrate`, () => runScript('migrate', state, spec.name, cwd, env, signal));
  }
  if (spec.kind === 'sandbox') mkdirSync(dirname(state.dataFile(spec.name)), { recursive: true, mode: 0o700 });
  await told(spec.name, async () => {
    const start = {
      name: spec.name,
      command: process.execPath,
      args: nodeArguments(root, spec),
      cwd,
      env,
      configHash: configHash(root, state, spec),
    };
    const started = await startInBackground(state, start);
    await awaitHealthy(state, spec, started, signal);
  });
};

/** What `node` is called with to start a process, whose environment the mesh says and no file. @throws Error when its script is not `node …` */
export const nodeArguments = (root: string, spec: ProcessSpec): string[] => {
  const script = spec.kind === 'sandbox' ? 'sandbox' : 'start';
  const [command, ...args] = (readManifest(join(root, folderOf(spec))).scripts?.[script] ?? '').split(' ');
  if (command !== 'node')
    throw new Error(`${folderOf(spec)}/package.json: the script "${script}" must be \`node FILE\``);
  return args.filter((arg) => !arg.startsWith('--env-file'));
};

/** @throws Error in one line, with the reason from its log, when the process ends or stays unhealthy */
export const awaitHealthy = (state: State, spec: ProcessSpec, started: Started, signal: AbortSignal): Promise<void> =>
  untilHealthy(started, { probe: () => isHealthy(state, spec), timeoutMs: HEALTHY_WITHIN_MS, signal });

/** @throws Error in one line when a running gateway does not find these services */
export const awaitReached = (
  state: State,
  gateway: ProcessSpec,
  services: readonly string[],
  running: Started,
  signal: AbortSignal,
): Promise<void> => {
  const port = Number(readEnvFile(state.envFile(gateway.name)).HTTPS_PORT);
  return untilHealthy(running, { probe: () => reaches(state, port, services), timeoutMs: HEALTHY_WITHIN_MS, signal });
};

/** Asks a process whether it can serve now. */
export const isHealthy = async (state: State, spec: ProcessSpec): Promise<boolean> => {
  const env = readEnvFile(state.envFile(spec.name));
  switch (spec.kind) {
    case 'service':
      return isServing(state, Number(env.GRPC_PORT));
    case 'sandbox':
      return answersHttp(Number(env.SANDBOX_PORT));
    case 'gateway':
      return isReady(state, Number(env.HTTPS_PORT));
  }
};

/** Gives a new database its demo data, where the process has an `npm run seed`. */
export const seedOnce = async ({ root, state, signal }: SeedOptions, { name, kind }: ProcessSpec): Promise<void> => {
  if (kind !== 'service') return;
  const { scripts } = readManifest(join(root, name));
  if (scripts?.seed === undefined || existsSync(state.seededFile(name))) return;
  const env = { ...process.env, ...readEnvFile(state.envFile(name)) };
  await step(`${name}: demo data`, () => runScript('seed', state, name, join(root, name), env, signal));
  writeWhole(state.seededFile(name), '');
};

/** Runs a script of a folder, with a log of its own. */
const runScript = async (
  script: 'migrate' | 'seed',
  state: State,
  name: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> => {
  const { exitCode, output } = await exec('npm', ['run', '--silent', script], { cwd, env, signal });
  const logFile = state.logFile(`${name}-${script}`);
  writeWhole(logFile, output);
  if (exitCode !== 0) throw new Error(`${name}: npm run ${script} failed: ${usefulLine(output)} (log: ${logFile})`);
};
