import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, execOrThrow } from '../exec.ts';
import { usefulLine } from '../mesh/log-lines.ts';
import { hashOf } from '../mesh/supervise.ts';
import type { MysqlProgram } from './find.ts';
import { ONLY_WHEN_ROOT, SMALL } from './options.ts';

/**
 * Fills a new data directory, whole or not at all. `mysqld --initialize` takes 3 s; so it runs once for each version
 * of the server, and its result is copied from then on, but for what tells one server from another.
 */
export const createDataDir = async (
  toolsDir: string,
  program: MysqlProgram,
  dataDir: string,
  signal: AbortSignal,
): Promise<void> => {
  const template = await keepTemplate(toolsDir, program, signal);
  const fresh = `${dataDir}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(join(dataDir, '..'), { recursive: true, mode: 0o700 });
  cpSync(template, fresh, { recursive: true });
  for (const file of ['auto.cnf', ...globSync('*.pem', { cwd: fresh })]) rmSync(join(fresh, file), { force: true });
  renameSync(fresh, dataDir);
};

/** @returns an initialised data directory to copy, made now if there is none for this version of the server */
export const keepTemplate = async (toolsDir: string, program: MysqlProgram, signal: AbortSignal): Promise<string> => {
  const place = join(toolsDir, 'mysql-data');
  const template = join(place, hashOf([program.version, SMALL]));
  if (existsSync(template)) return template;
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const fresh = mkdtempSync(join(place, 'new-'));
  try {
    await initialise(program, join(fresh, 'data'), signal);
    if (!existsSync(template)) renameSync(join(fresh, 'data'), template);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return template;
};

const initialise = async (program: MysqlProgram, dataDir: string, signal: AbortSignal): Promise<void> => {
  try {
    const args = ['--no-defaults', '--initialize-insecure', `--datadir=${dataDir}`, ...SMALL, ...ONLY_WHEN_ROOT];
    await execOrThrow(program.command, args, { signal });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new Error(`MySQL could not make its data directory: ${usefulLine(error.output)}`);
  }
};
