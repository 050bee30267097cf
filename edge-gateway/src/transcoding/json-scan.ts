import { TranscodingError } from './faults.ts';

const DEPTH_MAX = 100;
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;

/** How far a scan is. */
interface Scan {
  readonly text: string;
  position: number;
  /** The names seen in each open object; null for an array. */
  readonly open: (Set<string> | null)[];
  /** Whether the next string names a member. */
  nameNext: boolean;
  inexact: boolean;
}

/**
 * Looks at a text that `JSON.parse` has accepted for what it let pass.
 * @returns whether an integer is not held exactly by a double.
 * @throws TranscodingError for a name twice in an object, a lone surrogate, a number beyond a double, or too many levels.
 */
export function scanJson(text: string): { inexact: boolean } {
  const scan: Scan = { text, position: 0, open: [], nameNext: false, inexact: false };
  while (scan.position < text.length) scanToken(scan, text.charCodeAt(scan.position));
  return { inexact: scan.inexact };
}

function scanToken(scan: Scan, code: number): void {
  if (code === 0x22) scanString(scan);
  else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) scanNumber(scan);
  else {
    scan.position += 1;
    if (code === 0x7b) enter(scan, new Set());
    else if (code === 0x5b) enter(scan, null);
    else if (code === 0x7d || code === 0x5d) scan.open.pop();
    else if (code === 0x2c) scan.nameNext = scan.open.at(-1) !== null;
  }
}

function enter(scan: Scan, names: Set<string> | null): void {
  if (scan.open.push(names) > DEPTH_MAX) {
    throw new TranscodingError('JSON_TOO_DEEP', `The JSON is nested more than ${DEPTH_MAX} levels deep.`);
  }
  scan.nameNext = names !== null;
}

function scanString(scan: Scan): void {
  const start = scan.position;
  const { text } = scan;
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  scan.position = end + 1;
  let value = text.slice(start + 1, end);
  if (value.includes('\\')) value = JSON.parse(text.slice(start, end + 1));
  if (!value.isWellFormed())
    throw new TranscodingError('JSON_LONE_SURROGATE', 'The JSON has a lone surrogate in a string.');
  if (!scan.nameNext) return;
  scan.nameNext = false;
  const names = scan.open.at(-1);
  if (names?.has(value)) {
    const shown = value.length > 64 ? `${value.slice(0, 64)}…` : value;
    throw new TranscodingError(
      'JSON_DUPLICATE_NAME',
      `The JSON has the member ${JSON.stringify(shown)} twice in an object.`,
    );
  }
  names?.add(value);
}

function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes += 1;
  return backslashes % 2 === 1;
}

function scanNumber(scan: Scan): void {
  NUMBER.lastIndex = scan.position;
  const [literal = '-', fraction, exponent] = NUMBER.exec(scan.text) ?? [];
  scan.position += literal.length;
  const value = Number(literal);
  if (!Number.isFinite(value)) {
    throw new TranscodingError('JSON_NUMBER_OUT_OF_RANGE', 'The JSON has a number that is too large for a double.');
  }
  if (Number.isSafeInteger(value) || !Number.isInteger(value)) return;
  if (fraction !== undefined || exponent !== undefined || BigInt(literal) !== BigInt(value)) scan.inexact = true;
}
