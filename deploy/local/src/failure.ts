import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from './exec.ts';
import { Interrupted } from './interruption.ts';
import { saysDiskFull, usefulLine } from './mesh/log-lines.ts';

const ROOT = join(import.meta.dirname, '../../..');
const LOG = join(ROOT, '.tools/failure.log');
const FULL_BYTES = 2_000_000;

/** Says in one line why a command failed, and sets the exit code. */
export const reportFailure = (error: unknown): void => {
  process.exitCode = error instanceof Interrupted ? error.exitCode : 1;
  process.stderr.write(`malla: ${lineOf(error)}\n`);
};

const lineOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const full = ('code' in error && error.code === 'ENOSPC') || (error instanceof CommandError && isDiskFull(error));
  return `${full ? 'the disk is full: ' : ''}${error.message}${error instanceof CommandError ? reasonOf(error) : ''}`;
};

/** Some commands say nothing of it: npm fails without a word when it cannot write its own log. */
const isDiskFull = ({ output }: CommandError): boolean => {
  const { bavail, bsize } = statfsSync(ROOT);
  return saysDiskFull(output) || bavail * bsize < FULL_BYTES;
};

const reasonOf = ({ output }: CommandError): string => (output === '' ? '' : `: ${usefulLine(output)}${keep(output)}`);

const keep = (output: string): string => {
  try {
    mkdirSync(join(LOG, '..'), { recursive: true });
    writeFileSync(LOG, output);
    return ` (all of it: ${LOG})`;
  } catch {
    return '';
  }
};
