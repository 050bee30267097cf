import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from './exec.ts';
import { Interrupted } from './interruption.ts';
import { saysDiskFull, usefulLine } from './mesh/log-lines.ts';

const LOG = join(import.meta.dirname, '../../../.tools/failure.log');

/** Says in one line why a command failed, and sets the exit code. */
export const reportFailure = (error: unknown): void => {
  process.exitCode = error instanceof Interrupted ? error.exitCode : 1;
  process.stderr.write(`malla: ${lineOf(error)}\n`);
};

const lineOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const full =
    ('code' in error && error.code === 'ENOSPC') || (error instanceof CommandError && saysDiskFull(error.output));
  return `${full ? 'the disk is full: ' : ''}${error.message}${error instanceof CommandError ? reasonOf(error) : ''}`;
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
