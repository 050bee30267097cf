import { LRUCache } from 'lru-cache';
import { TypeID } from 'typeid-js';

/** Reads a DATETIME(3) of a row, which is in UTC. The driver hands it over as text. */
export function readTime(text: string): Date {
  return new Date(`${text.replace(' ', 'T')}Z`);
}

/** Reads a TypeID (`usr_…`) from the 16 bytes of its UUID, which is how it is stored. */
export function readId(prefix: string, bytes: Buffer): string {
  return TypeID.fromUUIDBytes(prefix, bytes).toString();
}

const REMEMBERED_MAX = 10_000;
/** An import writes the id of each product some twenty times, and reading a TypeID takes longer than finding it here. */
const written = new LRUCache<string, Buffer>({ max: REMEMBERED_MAX });

/** The 16 bytes of a TypeID's UUID, not to be changed. @throws Error for a text that is none. */
export function writeId(prefix: string, id: string): Buffer {
  const known = id.startsWith(`${prefix}_`) ? written.get(id) : undefined;
  if (known) return known;
  const bytes = Buffer.from(TypeID.fromString(id, prefix).toUUIDBytes());
  written.set(id, bytes);
  return bytes;
}

/** As many question marks as there are values, for `IN (…)`. */
export function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
