import { createHash } from 'node:crypto';

export const TERM_BYTES = 8;

/** The key of a term in the postings: the first 8 bytes of its SHA-256. */
export function termKey(term: string): Buffer {
  return createHash('sha256').update(term).digest().subarray(0, TERM_BYTES);
}

/** Cuts the keys of an entry's terms apart. */
export function splitTermKeys(keys: Buffer): Buffer[] {
  return Array.from({ length: keys.length / TERM_BYTES }, (_, at) =>
    keys.subarray(at * TERM_BYTES, (at + 1) * TERM_BYTES),
  );
}
