import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../exec.ts';
import type { State } from '../mesh/state.ts';
import { writeWhole } from '../mesh/state.ts';
import { DOCKER_IMAGE, type MysqlProgram } from './find.ts';
import { dataDirOf, type MysqlOptions } from './instance.ts';
import { SMALL } from './options.ts';

/** Removes what a client that was killed left behind. */
export const removeContainer = async (state: State, owner: string): Promise<void> => {
  if (existsSync(envFile(state, owner))) await exec('docker', ['rm', '--force', containerName(state, owner)]);
};

/** One container for each service of each state directory. */
const containerName = (state: State, owner: string): string =>
  `malla-${createHash('sha256').update(state.dir).digest('hex').slice(0, 8)}-${owner}`;

/**
 * The command line of a container with its data in the state directory. The client stays with it and passes signals on,
 * so that it is supervised like any other process.
 */
export const dockerCommand = async (program: MysqlProgram, options: MysqlOptions, port: number) => {
  const { state, owner, flags, signal } = options;
  const name = containerName(state, owner);
  const dataDir = dataDirOf(state, owner);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeWhole(envFile(state, owner), dockerEnv(options));
  await exec(program.command, ['rm', '--force', name], { signal });
  const args = [
    ...['run', '--rm', '--name', name, '--env-file', envFile(state, owner)],
    ...['--user', `${process.getuid?.()}:${process.getgid?.()}`],
    ...['--publish', `127.0.0.1:${port}:3306`, '--volume', `${dataDir}:/var/lib/mysql`],
    DOCKER_IMAGE,
    ...SMALL,
    ...flags,
  ];
  return { command: program.command, args };
};

const envFile = (state: State, owner: string): string => join(state.mysqlDir(owner), 'docker.env');

const dockerEnv = ({ database, password, rootPassword }: MysqlOptions): string =>
  [
    `MYSQL_ROOT_PASSWORD=${rootPassword}`,
    `MYSQL_DATABASE=${database}`,
    `MYSQL_USER=${database}`,
    `MYSQL_PASSWORD=${password}`,
    '',
  ].join('\n');
