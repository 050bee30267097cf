import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import type { WriteField } from './library-field.ts';
import { put, putByte, readVarint, type Transfer } from './transfer.ts';

/** Writes the fields of a message up to its end, as a JSON object. */
export type WriteMessage = (transfer: Transfer) => boolean;

/** The tag by which a field is read, and the form in which it is written. */
export interface FieldPlan {
  readonly field: DescField;
  /** Every tag that the wire may have before it. */
  readonly tags: readonly number[];
  /** The JSON of the field when the wire has none; undefined when it is left out then. */
  readonly absent: string | undefined;
  readonly write: WriteField;
}

interface Entry {
  readonly index: number;
  /** `,"name":` */
  readonly name: Buffer;
  /** `,"name":` and what stands for a field that is not there. */
  readonly absent: Buffer | undefined;
  /** One bit for the oneof that it is a member of, or 0. */
  readonly oneof: number;
  readonly write: WriteField;
}

/** The limit of the library. The library reports the fault. */
const DEPTH_MAX = 100;
/** Bits in a small integer. */
const ONEOFS_MAX = 30;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Whether messages of a type can be written as their fields come: what is told of them as a whole is left to the library. */
export function isPlain({ typeName, fields, oneofs }: DescMessage): boolean {
  return (
    !typeName.startsWith('google.protobuf.') &&
    oneofs.length <= ONEOFS_MAX &&
    fields.every(({ presence, jsonName }) => {
      // Objects order names that are numbers before all others, and have a meaning of their own for __proto__.
      const moves = /^\d+$/.test(jsonName) || jsonName === '__proto__';
      return presence !== FeatureSet_FieldPresence.LEGACY_REQUIRED && !moves;
    })
  );
}

/**
 * Puts together what writes a message whose fields come in the order of their numbers, each once, as encoders lay them out.
 * Anything else is declined by false: a field that is not known, a field given again, two members of a oneof.
 */
export function messageWriter(type: DescMessage, plans: readonly FieldPlan[]): WriteMessage {
  const entries: Entry[] = [];
  const byTag = new Map<number, Entry>();
  for (const { field, tags, absent, write } of [...plans].sort((a, b) => a.field.number - b.field.number)) {
    const name = `,${JSON.stringify(field.jsonName)}:`;
    const entry: Entry = {
      index: entries.length,
      name: Buffer.from(name),
      absent: absent === undefined ? undefined : Buffer.from(name + absent),
      oneof: field.oneof ? 1 << type.oneofs.indexOf(field.oneof) : 0,
      write,
    };
    entries.push(entry);
    for (const tag of tags) byTag.set(tag, entry);
  }
  return (transfer) => {
    if (transfer.depth >= DEPTH_MAX) return false;
    transfer.depth += 1;
    const first = transfer.length;
    const written = writeMembers(transfer, entries, byTag);
    transfer.depth -= 1;
    if (!written) return false;
    // Every member begins with a comma, and the first one's makes room for the brace.
    if (transfer.length === first) putByte(transfer, OPEN);
    else transfer.json[first] = OPEN;
    putByte(transfer, CLOSE);
    return true;
  };
}

function writeMembers(transfer: Transfer, entries: readonly Entry[], byTag: ReadonlyMap<number, Entry>): boolean {
  let next = 0;
  let oneofs = 0;
  while (transfer.at < transfer.end) {
    const start = transfer.at;
    if (!readVarint(transfer) || transfer.high !== 0) return false;
    const entry = byTag.get(transfer.low);
    if (!entry || entry.index < next || (oneofs & entry.oneof) !== 0) return false;
    putAbsent(transfer, entries, next, entry.index);
    next = entry.index + 1;
    oneofs |= entry.oneof;
    put(transfer, entry.name);
    if (!entry.write(transfer, start)) return false;
  }
  putAbsent(transfer, entries, next, entries.length);
  return true;
}

function putAbsent(transfer: Transfer, entries: readonly Entry[], from: number, to: number): void {
  for (let index = from; index < to; index += 1) {
    const absent = entries[index]?.absent;
    if (absent) put(transfer, absent);
  }
}
