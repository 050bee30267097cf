import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

export const TERM_BYTES = 8;
const REMEMBERED_MAX = 20_000;
/** Most products share their terms with others. */
const keys = new LRUCache<string, Buffer>({ max: REMEMBERED_MAX });

/** The key of a term in the postings: the first 8 bytes of its SHA-256. */
export function termKey(term: string): Buffer {
  const known = keys.get(term);
  if (known) return known;
  const key = createHash('sha256').update(term).digest().subarray(0, TERM_BYTES);
  keys.set(term, key);
  return key;
}

/** Cuts the keys of an entry's terms apart. */
export function splitTermKeys(keys: Buffer): Buffer[] {
  return Array.from({ length: keys.length / TERM_BYTES }, (_, at) =>
    keys.subarray(at * TERM_BYTES, (at + 1) * TERM_BYTES),
  );
}
