import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { untilHealthy } from '../mesh/health.ts';
import { findRunning } from '../mesh/pid-files.ts';
import { findFreePort } from '../mesh/ports.ts';
import { acceptsLogin } from '../mesh/probes.ts';
import type { State } from '../mesh/state.ts';
import { writeWhole } from '../mesh/state.ts';
import { startInBackground } from '../mesh/supervise.ts';
import { dockerCommand } from './docker.ts';
import type { MysqlProgram } from './find.ts';
import { dataDirOf, kindFile, type MysqlOptions, mysqlName, portFile } from './instance.ts';
import { nativeCommand } from './native.ts';

const READY_WITHIN_MS = 90_000;

/** The kind of server that made the data of a state directory; undefined while there is none. */
export const kindOfData = (state: State, owners: readonly string[]): MysqlProgram['kind'] | undefined => {
  const file = owners.map((owner) => kindFile(state, owner)).find((path) => existsSync(path));
  return file === undefined ? undefined : (readFileSync(file, 'utf8').trim() as MysqlProgram['kind']);
};

/** The port of a MySQL that runs; undefined when it does not. */
export const runningPort = (state: State, owner: string): number | undefined =>
  findRunning(state, mysqlName(owner)) === undefined ? undefined : lastPort(state, owner);

/**
 * Starts a MySQL server, with data of its own if there is none yet, and waits until its user can log in.
 * @returns the port of 127.0.0.1 where it listens
 * @throws Error in one line with the reason from its log
 */
export const startMysql = async (program: MysqlProgram, options: MysqlOptions): Promise<number> => {
  const { state, owner, database, password, signal } = options;
  if (!existsSync(kindFile(state, owner))) rmSync(dataDirOf(state, owner), { recursive: true, force: true });
  mkdirSync(state.mysqlDir(owner), { recursive: true, mode: 0o700 });
  const port = await findFreePort(lastPort(state, owner) ?? options.preferredPort);
  writeWhole(portFile(state, owner), `${port}\n`);
  const command =
    program.kind === 'docker'
      ? await dockerCommand(program, options, port)
      : await nativeCommand(program, options, port);
  signal.throwIfAborted();
  const started = await startInBackground(state, {
    name: mysqlName(owner),
    ...command,
    cwd: state.mysqlDir(owner),
    env: process.env,
    configHash: '',
  });
  const url = `mysql://${database}:${password}@127.0.0.1:${port}/${database}`;
  await untilHealthy(started, { probe: () => acceptsLogin(url), timeoutMs: READY_WITHIN_MS, signal });
  writeWhole(kindFile(state, owner), `${program.kind}\n`);
  return port;
};

const lastPort = (state: State, owner: string): number | undefined =>
  existsSync(portFile(state, owner)) ? Number(readFileSync(portFile(state, owner), 'utf8')) : undefined;
