import { stripVTControlCharacters } from 'node:util';
import type { SuiteResult } from '../testing/suite.ts';

const FAILURES_MAX = 12;
const MESSAGE_MAX = 300;

/** What failed, a line each, for whoever sees only the end of what the tests said. */
export const failureLines = (results: readonly Pick<SuiteResult, 'path' | 'failures'>[]): string[] => {
  const lines = results.flatMap(({ path, failures }) =>
    failures.map(({ title, message }) => `FAILED ${path}: ${title}: ${inOneLine(message)}`),
  );
  const left = lines.length - FAILURES_MAX;
  return left > 0 ? [...lines.slice(0, FAILURES_MAX), `and ${left} more`] : lines;
};

const inOneLine = (message: string): string => {
  const line = stripVTControlCharacters(message).replaceAll(/\s+/g, ' ').trim();
  return line.length > MESSAGE_MAX ? `${line.slice(0, MESSAGE_MAX)}…` : line;
};
