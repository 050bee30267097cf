import { TranscodingError } from '../faults.ts';
import { jsonPathToString } from './json-path.ts';
import { DEPTH_MAX, isEscaped, scanJson } from './json-scan.ts';

/** The most values that a JSON text may have in all, however nested. */
export const VALUES_MAX = 30_000;
/** The most elements of an array and members of an object. */
export const ITEMS_MAX = 1_000;

/** A JSON text with an array or object that is longer than any may be, of which the rest was not looked at. */
export class JsonTooLongError extends TranscodingError {
  /** The steps to it. */
  readonly path: readonly (string | number)[];
  /** The names of the object's first members; undefined for an array. */
  readonly names: readonly string[] | undefined;

  constructor(path: readonly (string | number)[], names: readonly string[] | undefined) {
    const [reason, items] = names ? ['JSON_OBJECT_TOO_LARGE', 'members'] : ['JSON_ARRAY_TOO_LONG', 'elements'];
    const message = `must have at most ${ITEMS_MAX} ${items}`;
    super(reason, `The JSON ${message} in one place.`, [{ field: jsonPathToString(path), reason, message }]);
    this.path = path;
    this.names = names;
  }
}

/**
 * Counts what a JSON text holds before it is parsed, in one look at each of its characters, and stops at what is too much. A
 * text that is no JSON is left to the parser.
 * @throws JsonTooLongError naming the array or object; TranscodingError (JSON_TOO_MANY_VALUES, JSON_TOO_DEEP) saying where.
 */
export function measureJson(text: string): void {
  const counts: number[] = [];
  let values = 1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfString(text, at);
      if (at < 0) return;
    } else if (code === 0x7b || code === 0x5b) {
      values += 1;
      if (counts.push(1) > DEPTH_MAX) scanJson(text.slice(0, at + 1));
    } else if (code === 0x7d || code === 0x5d) counts.pop();
    else if (code === 0x2c) {
      values += 1;
      const count = (counts.pop() ?? 0) + 1;
      counts.push(count);
      if (count > ITEMS_MAX) throw tooLong(text.slice(0, at));
    }
    if (values > VALUES_MAX) throw tooManyValues(text.slice(0, at));
  }
}

/** Returns the end of a string that starts at a quote; -1 when the string does not end. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function tooLong(beginning: string): JsonTooLongError {
  const { path, names } = scanJson(beginning);
  return new JsonTooLongError(path.slice(0, -1), names);
}

function tooManyValues(beginning: string): TranscodingError {
  const field = jsonPathToString(scanJson(beginning).path);
  const reason = 'JSON_TOO_MANY_VALUES';
  const message = `must have at most ${VALUES_MAX} values in all`;
  return new TranscodingError(reason, `The JSON ${message}.`, [{ field, reason, message }]);
}
