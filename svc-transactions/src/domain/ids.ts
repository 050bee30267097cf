import { createHash } from 'node:crypto';
import { TypeID } from 'typeid-js';

const ID_BYTES = 16;

/** An id that follows from what it stands for: whoever makes it again, on any replica and after any crash, makes the same. */
export function derivedId(prefix: string, parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  return TypeID.fromUUIDBytes(prefix, digest.subarray(0, ID_BYTES)).toString();
}

/** Whether a text is a TypeID with this prefix. */
export function isTypeId(text: string, prefix: string): boolean {
  try {
    TypeID.fromString(text, prefix);
    return true;
  } catch {
    return false;
  }
}
