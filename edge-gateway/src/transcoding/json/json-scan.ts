import { malformedRequest } from '../faults.ts';
import { jsonPathToString } from './json-path.ts';

/** The maximum depth of a JSON text. */
export const DEPTH_MAX = 100;
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;

/** The state of a scan. */
interface Scan {
  readonly text: string;
  position: number;
  /** The names seen in each open object; null for an array. */
  readonly open: (Set<string> | null)[];
  /** For each of them, the member or element that the scan is at. */
  readonly path: (string | number)[];
  /** True when the next string names a member. */
  nameNext: boolean;
  inexact: Set<number> | undefined;
}

/** The result of a scan. */
export interface ScannedJson {
  /** The integers that a double does not hold exactly, as it holds them; undefined when there are none. */
  readonly inexact: ReadonlySet<number> | undefined;
  /** The path to the member or element in which the text breaks off; empty for a whole text. */
  readonly path: readonly (string | number)[];
  /** The names of the members so far of the object that it breaks off in; undefined for an array. */
  readonly names: readonly string[] | undefined;
}

/**
 * Looks at a text that `JSON.parse` has accepted, or at the beginning of a text, for what the parser lets pass.
 * @throws TranscodingError saying where, for a name twice in an object, a lone surrogate, a number beyond a double, or too many levels.
 */
export function scanJson(text: string): ScannedJson {
  const scan: Scan = { text, position: 0, open: [], path: [], nameNext: false, inexact: undefined };
  while (scan.position < text.length) scanToken(scan, text.charCodeAt(scan.position));
  const names = scan.open.at(-1);
  return { inexact: scan.inexact, path: scan.path, names: names ? [...names] : undefined };
}

function scanToken(scan: Scan, code: number): void {
  if (code === 0x22) scanString(scan);
  else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) scanNumber(scan);
  else {
    scan.position += 1;
    if (code === 0x7b) enter(scan, new Set());
    else if (code === 0x5b) enter(scan, null);
    else if (code === 0x7d || code === 0x5d) leave(scan);
    else if (code === 0x2c) next(scan);
  }
}

function enter(scan: Scan, names: Set<string> | null): void {
  if (scan.open.push(names) > DEPTH_MAX) {
    throw malformedRequest('JSON_TOO_DEEP', `The JSON is nested more than ${DEPTH_MAX} levels deep.`, placeOf(scan));
  }
  scan.path.push(names ? '' : 0);
  scan.nameNext = names !== null;
}

function leave({ open, path }: Scan): void {
  open.pop();
  path.pop();
}

function next(scan: Scan): void {
  const { open, path } = scan;
  scan.nameNext = open.at(-1) !== null;
  if (!scan.nameNext) path[path.length - 1] = (path.at(-1) as number) + 1;
}

function placeOf({ path }: Scan): string {
  return jsonPathToString(path);
}

function scanString(scan: Scan): void {
  const start = scan.position;
  const { text } = scan;
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  scan.position = end + 1;
  let value = text.slice(start + 1, end);
  if (value.includes('\\')) value = unescaped(text.slice(start, end + 1));
  if (scan.nameNext) scan.path[scan.path.length - 1] = value;
  if (!value.isWellFormed())
    throw malformedRequest('JSON_LONE_SURROGATE', 'The JSON has a lone surrogate in a string.', placeOf(scan));
  if (scan.nameNext) addName(scan, value);
}

/** The beginning of a text that was not parsed yet may be no JSON. */
function unescaped(literal: string): string {
  try {
    return JSON.parse(literal);
  } catch {
    throw malformedRequest('JSON_MALFORMED', 'The JSON is malformed.');
  }
}

function addName(scan: Scan, value: string): void {
  scan.nameNext = false;
  const names = scan.open.at(-1);
  if (names?.has(value)) {
    const shown = JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
    const words = `The JSON has the member ${shown} twice in an object.`;
    throw malformedRequest('JSON_DUPLICATE_NAME', words, placeOf(scan));
  }
  names?.add(value);
}

/** Returns true when a quote is part of its string. */
export function isEscaped(text: string, quote: number): boolean {
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
    const words = 'The JSON has a number that is too large for a double.';
    throw malformedRequest('JSON_NUMBER_OUT_OF_RANGE', words, placeOf(scan));
  }
  if (Number.isSafeInteger(value) || !Number.isInteger(value)) return;
  if (fraction !== undefined || exponent !== undefined || BigInt(literal) !== BigInt(value)) {
    scan.inexact ??= new Set();
    scan.inexact.add(value);
  }
}
