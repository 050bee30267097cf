import { TypeID } from 'typeid-js';

/** Reads a DATETIME(3) of a row, which is in UTC. The driver hands it over as text. */
export function readTime(text: string): Date {
  return new Date(`${text.replace(' ', 'T')}Z`);
}

/** Reads a TypeID (`usr_…`) from the 16 bytes of its UUID, which is how it is stored. */
export function readId(prefix: string, bytes: Buffer): string {
  return TypeID.fromUUIDBytes(prefix, bytes).toString();
}

/** The 16 bytes of a TypeID's UUID. @throws Error for a text that is none. */
export function writeId(prefix: string, id: string): Buffer {
  return Buffer.from(TypeID.fromString(id, prefix).toUUIDBytes());
}

/** As many question marks as there are values, for `IN (…)`. */
export function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}

/** The two columns of an id that may be of anything. @throws Error for a text that is no TypeID. */
export function splitId(id: string): [prefix: string, bytes: Buffer] {
  const typeId = TypeID.fromString(id);
  return [typeId.getType(), Buffer.from(typeId.toUUIDBytes())];
}

/** A value as JSON has it, with each bigint as a text. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part));
}
