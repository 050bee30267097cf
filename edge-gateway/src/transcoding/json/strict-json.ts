import { isUtf8 } from 'node:buffer';
import type { JsonValue } from '@bufbuild/protobuf';
import { parse } from 'secure-json-parse';
import { malformedRequest } from '../faults.ts';
import { measureJson } from './json-measure.ts';
import { scanJson } from './json-scan.ts';

/** A JSON text as a value. */
export interface ParsedJson {
  readonly value: JsonValue;
  /** The integers in it with more digits than a double holds, whose value is not what was sent; undefined without any. */
  readonly inexact: ReadonlySet<number> | undefined;
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Parses a JSON text strictly (RFC 8259, and the Internet JSON of RFC 7493): UTF-8 without a byte order mark, no name
 * twice in an object, no lone surrogate, no number beyond a double, no `__proto__`. Its size is bounded before it is parsed: at
 * most 100 levels, 30,000 values in all, and 1,000 in an array or object.
 * @throws TranscodingError with a reason that starts with `JSON_`.
 */
export function parseStrictJson(bytes: Uint8Array): ParsedJson {
  if (!isUtf8(bytes)) throw malformedRequest('JSON_NOT_UTF8', 'The JSON is not encoded in UTF-8.');
  if (BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte)) {
    throw malformedRequest('JSON_BYTE_ORDER_MARK', 'The JSON starts with a byte order mark.');
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  measureJson(text);
  const value = parseText(text);
  return { value, inexact: scanJson(text).inexact };
}

function parseText(text: string): JsonValue {
  try {
    return parse(text, { protoAction: 'error', constructorAction: 'error' }) as JsonValue;
  } catch (error) {
    const message = (error as Error).message;
    if (message.includes('forbidden prototype property')) {
      throw malformedRequest('JSON_FORBIDDEN_NAME', 'The JSON has a member named __proto__ or constructor.prototype.');
    }
    const place = /\(line \d+ column \d+\)/.exec(message)?.[0] ?? (message.includes('end of JSON') && 'at its end');
    throw malformedRequest('JSON_MALFORMED', place ? `The JSON is malformed ${place}.` : 'The JSON is malformed.');
  }
}
