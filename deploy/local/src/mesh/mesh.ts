import { keepTemplate } from '../mysql/data-dir.ts';
import { findMysql } from '../mysql/find.ts';
import { mysqlName } from '../mysql/instance.ts';
import { DURABLE, THROWAWAY } from '../mysql/options.ts';
import { kindOfData, runningPort, startMysql } from '../mysql/server.ts';
import { step } from '../steps.ts';
import { keepCertificates } from './certificates.ts';
import { requireDiskSpace } from './disk-space.ts';
import { databaseName, type Env, formatEnvFile, parseEnvFile, processEnv } from './env-files.ts';
import { allRunning, findRunning, type Running } from './pid-files.ts';
import { requireFreePorts } from './ports-needed.ts';
import { awaitHealthy, configHash, seedOnce, startProcess, writeEnv } from './process.ts';
import { ofKind, type ProcessSpec } from './processes.ts';
import { keepSecrets, type Secrets, secretsOf } from './secrets.ts';
import type { State } from './state.ts';
import { stopMesh } from './stop-mesh.ts';
import { atWork, stopRunning } from './supervise.ts';
import { tryOut } from './trial.ts';

export type MeshOptions = {
  /** The clone that holds the processes' folders. */
  readonly root: string;
  /** Where programs and what is made once for all are kept. */
  readonly toolsDir: string;
  readonly state: State;
  /** In the order in which they start. */
  readonly processes: readonly ProcessSpec[];
  /** Name of a process to its port. */
  readonly ports: ReadonlyMap<string, number>;
  readonly env: NodeJS.ProcessEnv;
  /** Whether MySQL keeps what was committed when the machine crashes. */
  readonly durable: boolean;
  /** Whether each new database gets the demo data of its service. */
  readonly seed?: boolean;
  readonly signal: AbortSignal;
};

/**
 * Starts every process of a mesh that does not run yet or whose settings changed, with its MySQL, and waits until all
 * are healthy. When it fails, what it started is stopped again.
 * @returns the names of what it started
 * @throws Error in one line
 */
export const startMesh = async (options: MeshOptions): Promise<string[]> => {
  const before = new Map(allRunning(options.state).map(({ name, pid }) => [name, pid]));
  const isNew = ({ name, pid }: Running) => before.get(name) !== pid;
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  try {
    await start({ ...options, signal }, stop);
    return allRunning(options.state)
      .filter(isNew)
      .map(({ name }) => name);
  } catch (error) {
    await stopMesh(options.state, options.processes, isNew);
    throw error;
  }
};

const start = async (options: MeshOptions, stop: AbortController): Promise<void> => {
  const { root, state, processes, signal } = options;
  requireDiskSpace(state, ofKind(processes, 'service'));
  await requireFreePorts(options);
  const secrets = keepSecrets(state, processes);
  await keepCertificates(state, processes);
  const around = { ...options, mysqlPorts: await startDatabases(options, secrets, stop) };
  const envOf = (spec: ProcessSpec) => processEnv(spec, secretsOf(secrets, spec), around);
  const texts = new Map(processes.map((spec) => [spec, formatEnvFile(envOf(spec))]));
  const begin = (spec: ProcessSpec, migrate = true) => {
    writeEnv(state, spec, envOf(spec));
    return startUnlessCurrent(options, spec, migrate);
  };
  const isMissing = ({ name }: ProcessSpec) => findRunning(state, name) === undefined;
  const [gateways, others] = [ofKind(processes, 'gateway'), processes.filter(({ kind }) => kind !== 'gateway')];
  await together(stop, others.filter(isMissing), begin);
  const changed = processes.filter((spec) => hasChanged(options, spec, parseEnvFile(texts.get(spec) ?? '')));
  await together(
    stop,
    changed.filter(({ kind }) => kind !== 'sandbox'),
    (spec) => tryOut({ root, spec, secrets: secretsOf(secrets, spec), around, signal }),
  );
  for (const specs of [others, gateways]) await together(stop, specs, (spec) => begin(spec, !changed.includes(spec)));
  for (const spec of options.seed === true ? processes : []) await seedOnce(options, spec);
};

const hasChanged = ({ root, state }: MeshOptions, spec: ProcessSpec, env: Env): boolean => {
  const running = findRunning(state, spec.name);
  return running !== undefined && running.configHash !== configHash(root, state, spec, env);
};

const startDatabases = async (
  options: MeshOptions,
  secrets: Secrets,
  stop: AbortController,
): Promise<Map<string, number>> => {
  const { toolsDir, state, env, signal } = options;
  const flags = options.durable ? DURABLE : THROWAWAY;
  const owners = ofKind(options.processes, 'service').map(({ name }) => name);
  const stopped = owners.filter((owner) => runningPort(state, owner) === undefined);
  if (stopped.length > 0) {
    const prefer = kindOfData(state, owners);
    const program = await step('MySQL: find or bring', () => findMysql({ toolsDir, env, prefer, signal }));
    if (program.kind !== 'docker')
      await step('MySQL: empty data directory', () => keepTemplate(toolsDir, program, signal));
    await together(stop, stopped, (owner) => {
      const { mysqlRootPassword: rootPassword = '', mysqlPassword: password = '' } = secrets[owner] ?? {};
      const mysql = { toolsDir, state, owner, database: databaseName(owner), rootPassword, password, flags, signal };
      return step(mysqlName(owner), () => startMysql(program, mysql));
    });
  }
  return new Map(owners.map((owner) => [owner, runningPort(state, owner) ?? 0]));
};

/** A process that runs with the settings and the code it should have is left alone; another is started again. */
const startUnlessCurrent = async (
  { root, state, signal }: MeshOptions,
  spec: ProcessSpec,
  migrate: boolean,
): Promise<void> => {
  const running = findRunning(state, spec.name);
  if (running?.configHash === configHash(root, state, spec))
    return awaitHealthy(state, spec, atWork(state, running), signal);
  if (running !== undefined) await step(`${spec.name}: stop, it has changed`, () => stopRunning(state, spec.name));
  await startProcess({ root, state, spec, migrate, signal });
};

/** Does the same for all at once; when one fails, the others are told to stop, and it waits until they have. */
const together = async <T>(
  stop: AbortController,
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> => {
  const guarded = items.map(async (item) => {
    try {
      await work(item);
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(guarded);
  stop.signal.throwIfAborted();
};
