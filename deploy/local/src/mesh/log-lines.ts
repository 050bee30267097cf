import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const BYTES_MAX = 256 * 1024;
const FATAL_LEVELS: ReadonlySet<unknown> = new Set(['fatal', 60]);
const ERROR_LEVELS = new Set(['error', 'fatal', 50, 60]);

/** The end of a log file, from `offset` on and at most its last 256 KiB; empty when there is no such file. */
export const readLogFrom = (path: string, offset: number): string => {
  try {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const start = Math.max(offset, size - BYTES_MAX);
      const buffer = Buffer.alloc(Math.max(0, size - start));
      readSync(file, buffer, 0, buffer.length, start);
      return buffer.toString('utf8');
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
};

/**
 * The line that says most about why a process ended: the last one that pino wrote as an error, else the last line that
 * speaks of an error, else the last line.
 */
export const usefulLine = (log: string): string => {
  const lines = stripVTControlCharacters(log)
    .split('\n')
    .filter((line) => line.trim() !== '' && !isNoise(line))
    .map(parse);
  const said =
    lines.findLast(({ isError }) => isError) ??
    lines.findLast(({ text }) => /error|fatal|cannot|no space/i.test(text)) ??
    lines.at(-1);
  return said?.text ?? 'it said nothing';
};

/**
 * Why a process ended, by the last line of its log: what pino wrote as fatal, or what Node or MySQL wrote as an error.
 * @returns undefined when the last line is an ordinary one, as of a process that was killed
 */
export const lastWords = (log: string): string | undefined => {
  const line = stripVTControlCharacters(log)
    .split('\n')
    .findLast((text) => text.trim() !== '' && !isNoise(text));
  if (line === undefined) return undefined;
  const { text, level } = parse(line);
  const isCause = level === undefined ? /error|fatal|cannot|no space/i.test(text) : FATAL_LEVELS.has(level);
  return isCause ? text : undefined;
};

/** Whether a log speaks of a full disk, in the words of the system, of Node or of MySQL. */
export const saysDiskFull = (log: string): boolean =>
  /ENOSPC|no space left on device|disk (is )?full|OS errno 28|error: 28\b/i.test(log);

/** Stack frames, what surrounds them, and what MySQL says after it gave its reason. */
const isNoise = (line: string): boolean =>
  /^\s+at |^\s*[{}^~]+\s*,?$|^Node\.js v|^\s+\w+: .*,?$|\bAborting\b|Shutdown complete|Server - end|npm error (code|path|command|workspace|location|A complete log)/.test(
    line,
  );

/** One line of a log: what pino wrote as JSON, or as it is. */
const parse = (line: string): { readonly text: string; readonly isError: boolean; readonly level?: unknown } => {
  const plain = { text: line.trim(), isError: false };
  if (!line.startsWith('{')) return plain;
  try {
    const { level, msg, err } = JSON.parse(line);
    if (typeof msg !== 'string') return plain;
    const cause = typeof err?.message === 'string' && err.message !== msg ? `: ${err.message}` : '';
    return { text: `${msg}${cause}`.replaceAll('\n', ' '), isError: ERROR_LEVELS.has(level), level };
  } catch {
    return plain;
  }
};
