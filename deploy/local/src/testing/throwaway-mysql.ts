import type { Context } from '../context.ts';
import { newPassword } from '../mesh/secrets.ts';
import { stateIn } from '../mesh/state.ts';
import { findMysql } from '../mysql/find.ts';
import { THROWAWAY, WITH_PERFORMANCE_SCHEMA } from '../mysql/options.ts';
import { startMysql } from '../mysql/server.ts';

/**
 * A MySQL for tests: in a folder that goes with the run, in memory if there is room, on a free port, and without what
 * makes commits survive a crash. It ends with the run.
 * @returns the URL of its root, who may create databases
 */
export const startThrowawayMysql = async ({ toolsDir, env, signal, run }: Context): Promise<string> => {
  const program = await findMysql({ toolsDir, env, signal });
  const rootPassword = newPassword();
  const port = await startMysql(program, {
    toolsDir,
    state: stateIn(run.memoryDir('mysql')),
    owner: 'test',
    database: 'test',
    rootPassword,
    password: newPassword(),
    flags: [...THROWAWAY, WITH_PERFORMANCE_SCHEMA],
    signal,
  });
  return `mysql://root:${rootPassword}@127.0.0.1:${port}`;
};
