import { HttpProblem } from './problem.ts';

const ENTITY_TAG = /^\s*(?:W\/)?"[\x21\x23-\x7e]*"\s*$/;

/**
 * The etag that `If-Match` demands, without its quotes (RFC 9110, section 13.1.1). Undefined when there is no such header or
 * it is `*`, which any version matches.
 * @throws HttpProblem 412 for a weak tag, which matches nothing; 400 for a list, of which an etag field holds but one.
 */
export function ifMatchEtag(header: string | undefined): string | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const tags = header.split(',');
  if (tags.length > 1 || !ENTITY_TAG.test(header)) {
    throw new HttpProblem(400, 'IF_MATCH_UNSUPPORTED', 'If-Match takes one entity tag, or *.');
  }
  const tag = header.trim();
  if (tag.startsWith('W/')) throw new HttpProblem(412, 'ETAG_MISMATCH', 'If-Match never matches a weak entity tag.');
  return tag.slice(1, -1);
}

/** Whether `If-None-Match` names the tag, by the weak comparison (RFC 9110, section 13.1.2). */
export function matchesNone(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
