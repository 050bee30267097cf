import { create, type DescField, type DescMessage, type JsonObject, type Registry, toJson } from '@bufbuild/protobuf';
import { JSON_WRITE_OPTIONS } from '../../json/json-options.ts';
import { libraryField, takeTag, type WriteField } from './library-field.ts';
import { type FieldPlan, isPlain, messageWriter, type WriteMessage } from './message-writer.ts';
import { enumKind, scalarKind, type ValueKind, type WriteValue } from './scalar-writers.ts';
import { putByte, readEnd, type Transfer } from './transfer.ts';
import { writeTimestamp } from './write-timestamp.ts';

const LENGTH_DELIMITED = 2;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;

/** Where a type is compiled in: the registry of its contract, and what writes the messages inside. */
interface Scope {
  readonly registry: Registry;
  readonly compile: (message: DescMessage) => WriteMessage;
}

/** Compiles what writes a message, and with it those inside, each once. */
export function compileMessage(type: DescMessage, registry: Registry): WriteMessage {
  const known = new Map<DescMessage, WriteMessage>();
  const compile = (message: DescMessage): WriteMessage => {
    const before = known.get(message);
    if (before) return before;
    // Messages may hold themselves: until one is compiled, it is looked up.
    known.set(message, (transfer) => (known.get(message) as WriteMessage)(transfer));
    const write = isPlain(message) ? messageWriter(message, plansOf(message, { registry, compile })) : () => false;
    known.set(message, write);
    return write;
  };
  return compile(type);
}

function plansOf(message: DescMessage, scope: Scope): FieldPlan[] {
  const empty = toJson(message, create(message), { ...JSON_WRITE_OPTIONS, registry: scope.registry }) as JsonObject;
  return message.fields.map((field) => {
    const absent = empty[field.jsonName];
    return { field, absent: absent === undefined ? undefined : JSON.stringify(absent), ...planOf(field, scope) };
  });
}

function planOf(field: DescField, { registry, compile }: Scope): Pick<FieldPlan, 'tags' | 'write'> {
  const kind = valueKind(field, compile);
  if (!kind) {
    return { tags: [0, 1, 2, 5].map((wireType) => tagOf(field, wireType)), write: libraryField(field, registry) };
  }
  const tags = [tagOf(field, kind.wireType)];
  if (field.fieldKind !== 'list') return { tags, write: kind.write };
  if (kind.wireType !== LENGTH_DELIMITED) tags.push(tagOf(field, LENGTH_DELIMITED));
  return { tags, write: listOf(kind) };
}

function valueKind(field: DescField, compile: (message: DescMessage) => WriteMessage): ValueKind | undefined {
  if (field.fieldKind === 'map') return undefined;
  if (field.message) return messageKind(field.message, compile);
  if (field.enum) return enumKind(field.enum);
  return field.scalar === undefined ? undefined : scalarKind(field.scalar);
}

/** Messages with a JSON of their own are left to the library, but for the one that is everywhere. */
function messageKind(type: DescMessage, compile: (message: DescMessage) => WriteMessage): ValueKind | undefined {
  if (type.typeName === 'google.protobuf.Timestamp') return { wireType: 2, write: writeTimestamp };
  if (type.typeName.startsWith('google.protobuf.')) return undefined;
  const writeMembers = compile(type);
  return { wireType: 2, write: (transfer) => within(transfer, writeMembers) };
}

/** Writes what the wire holds in as many bytes as it says. */
function within(transfer: Transfer, write: WriteValue): boolean {
  const end = readEnd(transfer);
  if (end < 0) return false;
  const outer = transfer.end;
  transfer.end = end;
  const written = write(transfer);
  transfer.end = outer;
  return written && transfer.at === end;
}

/** All values of a list that stand together, one by one or packed. */
function listOf({ write, wireType }: ValueKind): WriteField {
  const packed = (transfer: Transfer) => {
    for (let index = 0; transfer.at < transfer.end; index += 1) {
      if (index > 0) putByte(transfer, COMMA);
      if (!write(transfer)) return false;
    }
    return true;
  };
  return (transfer, start) => {
    const { wire } = transfer;
    putByte(transfer, OPEN);
    if (wireType !== LENGTH_DELIMITED && ((wire[start] as number) & 7) === LENGTH_DELIMITED) {
      if (!within(transfer, packed)) return false;
    } else {
      const tag = wire.subarray(start, transfer.at);
      if (!write(transfer)) return false;
      while (takeTag(transfer, tag)) {
        putByte(transfer, COMMA);
        if (!write(transfer)) return false;
      }
    }
    putByte(transfer, CLOSE);
    return true;
  };
}

function tagOf({ number }: DescField, wireType: number): number {
  return ((number << 3) | wireType) >>> 0;
}
