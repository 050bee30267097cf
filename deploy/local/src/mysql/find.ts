import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CommandError, exec, execOrThrow } from '../exec.ts';
import { step } from '../steps.ts';

export const DOCKER_IMAGE = 'mysql:8.4';
const GET_MYSQLD = join(import.meta.dirname, '../../get-mysqld.sh');

/** A MySQL server that this machine can run. */
export type MysqlProgram = {
  /** On PATH, by a Docker engine, or from Debian's packages in `.tools/mysql`. */
  readonly kind: 'path' | 'docker' | 'packages';
  /** The server's program; of Docker, the client's. */
  readonly command: string;
  /** What the program says its version is. */
  readonly version: string;
};

export type FindOptions = {
  /** Where the packages are unpacked, into `mysql/`. */
  readonly toolsDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** The kind that made the data which is there already: looked for first. */
  readonly prefer?: MysqlProgram['kind'] | undefined;
  readonly signal: AbortSignal;
};

/**
 * Finds a MySQL server: 8.4 or newer on PATH, `mysql:8.4` of a running Docker engine, Debian's packages in a private
 * folder.
 * @throws Error in one line saying what to install, or why the packages could not be had
 */
export const findMysql = async (options: FindOptions): Promise<MysqlProgram> => {
  const finders = { path: onPath, docker: inDocker, packages: fromPackages };
  const kinds = Object.keys(finders) as MysqlProgram['kind'][];
  const order =
    options.prefer === undefined ? kinds : [options.prefer, ...kinds.filter((kind) => kind !== options.prefer)];
  for (const kind of order) {
    const program = await finders[kind](options);
    if (program !== undefined) return program;
  }
  throw new Error('MySQL is missing: put mysqld 8.4 or newer on PATH (not MariaDB), or start a Docker engine');
};

/** Whether a server with this version line will do: MySQL 8.4 or newer, which MariaDB is not. */
export const isRecentMysql = (versionLine: string): boolean => {
  const [, major, minor] = /\bVer (\d+)\.(\d+)\./.exec(versionLine) ?? [];
  if (major === undefined || minor === undefined || /mariadb/i.test(versionLine)) return false;
  return Number(major) > 8 || (Number(major) === 8 && Number(minor) >= 4);
};

const onPath = async ({ env, signal }: FindOptions): Promise<MysqlProgram | undefined> => {
  for (const command of executablesOnPath('mysqld', env)) {
    const version = await versionOf(command, signal);
    if (version !== undefined && isRecentMysql(version)) return { kind: 'path', command, version };
  }
  return undefined;
};

const inDocker = async ({ env, signal }: FindOptions): Promise<MysqlProgram | undefined> => {
  const [command] = executablesOnPath('docker', env);
  if (command === undefined || (await exec(command, ['version'], { signal })).exitCode !== 0) return undefined;
  const found = { kind: 'docker', command, version: DOCKER_IMAGE } as const;
  if ((await exec(command, ['image', 'inspect', DOCKER_IMAGE], { signal })).exitCode === 0) return found;
  const { exitCode } = await step(`docker pull ${DOCKER_IMAGE}`, () =>
    exec(command, ['pull', '--quiet', DOCKER_IMAGE], { signal }),
  );
  return exitCode === 0 ? found : undefined;
};

const fromPackages = async ({ toolsDir, env, signal }: FindOptions): Promise<MysqlProgram | undefined> => {
  const place = join(toolsDir, 'mysql');
  const command = join(place, 'bin/mysqld');
  if (!existsSync(join(place, 'VERSION'))) {
    if (executablesOnPath('apt-get', env).length === 0 || executablesOnPath('dpkg-deb', env).length === 0)
      return undefined;
    await step("MySQL from Debian's packages, once", () => fetchPackages(place, signal));
  }
  const version = await versionOf(command, signal);
  if (version === undefined) throw new Error(`${command} does not run: remove ${place} and try again`);
  return { kind: 'packages', command, version };
};

const fetchPackages = async (place: string, signal: AbortSignal): Promise<void> => {
  try {
    await execOrThrow('bash', [GET_MYSQLD, place], { signal });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new Error(
      `MySQL could not be had from Debian's packages: ${error.output.trim().split('\n').at(-1) ?? error.message}`,
    );
  }
};

const versionOf = async (command: string, signal: AbortSignal): Promise<string | undefined> => {
  const { exitCode, output } = await exec(command, ['--no-defaults', '--version'], { signal });
  return exitCode === 0 ? output.trim().split('\n').at(-1) : undefined;
};

const executablesOnPath = (name: string, env: NodeJS.ProcessEnv): string[] =>
  (env.PATH ?? '')
    .split(delimiter)
    .filter((dir) => dir !== '')
    .map((dir) => join(dir, name))
    .filter(isExecutable);

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
