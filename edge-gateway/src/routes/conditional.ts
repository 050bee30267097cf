import { versionOf } from '../answers/encoded-etags.ts';
import { type HttpProblem, headerProblem } from '../problems/problem.ts';

/** A weak mark and an opaque tag, which may have commas in it (RFC 9110, section 8.8.3). */
const ENTITY_TAG = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/;
const ONE_TAG = new RegExp(`^\\s*${ENTITY_TAG.source}\\s*$`);
const EVERY_TAG = new RegExp(ENTITY_TAG, 'g');

/**
 * The etag that `If-Match` demands, without its quotes (RFC 9110, section 13.1.1). Undefined when there is no such header or
 * it is `*`, which any version matches.
 * @throws HttpProblem 412 for a tag that matches nothing: a weak one, or an empty one, which no resource has; 400 for a list,
 *   of which an etag field holds but one.
 */
export function ifMatchEtag(header: string | undefined): string | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const [found, weak, tag] = ONE_TAG.exec(header) ?? [];
  if (found === undefined) throw ifMatchProblem(400, 'IF_MATCH_UNSUPPORTED', 'If-Match must be one entity tag, or *.');
  if (weak)
    throw ifMatchProblem(412, 'ETAG_MISMATCH', 'If-Match must be a strong entity tag. Send the ETag without W/.');
  if (!tag) throw ifMatchProblem(412, 'ETAG_MISMATCH', 'The entity tag in If-Match must not be empty.');
  return versionOf(tag);
}

/** A refusal for what `If-Match` says or that it is not there. */
export function ifMatchProblem(statusCode: number, reason: string, detail: string): HttpProblem {
  return headerProblem(statusCode, reason, 'If-Match', detail);
}

/** Returns true when `If-None-Match` names the tag, by the weak comparison (RFC 9110, section 13.1.2). */
export function matchesNone(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return [...header.matchAll(EVERY_TAG)].some(([, , tag = '']) => `"${versionOf(tag)}"` === etag);
}
