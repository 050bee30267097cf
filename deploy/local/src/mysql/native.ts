import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../mesh/state.ts';
import { createDataDir } from './data-dir.ts';
import type { MysqlProgram } from './find.ts';
import { dataDirOf, type MysqlOptions } from './instance.ts';
import { ONLY_WHEN_ROOT, SMALL } from './options.ts';

/** The command line of a server in a data directory of its own, which is made at its first start. */
export const nativeCommand = async (program: MysqlProgram, options: MysqlOptions, port: number) => {
  const { toolsDir, state, owner, flags, signal } = options;
  const dataDir = dataDirOf(state, owner);
  if (!existsSync(dataDir)) await createDataDir(toolsDir, program, dataDir, signal);
  const initFile = join(state.mysqlDir(owner), 'init.sql');
  writeWhole(initFile, initSql(options));
  const args = [
    '--no-defaults',
    `--datadir=${dataDir}`,
    `--init-file=${initFile}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--socket=mysql.sock',
    '--pid-file=mysqld.pid',
    '--max-connections=300',
    ...SMALL,
    ...flags,
    ...ONLY_WHEN_ROOT,
  ];
  return { command: program.command, args };
};

/** Run by the server at each start before it lets anybody in; so there is no moment without passwords. */
const initSql = ({ database, password, rootPassword }: MysqlOptions): string =>
  [
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${rootPassword}';`,
    `CREATE DATABASE IF NOT EXISTS \`${database}\`;`,
    `CREATE USER IF NOT EXISTS '${database}'@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL ON \`${database}\`.* TO '${database}'@'%';`,
    '',
  ].join('\n');
