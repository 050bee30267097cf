import type { DescField, DescMessage, JsonObject, JsonValue } from '@bufbuild/protobuf';
import { type BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { enumReader, scalarReader } from './scalar-reader.ts';

/** Reads a value behind its tag. `depth` is that of the message it stands in, the outermost being 1. */
export type ReadValue = (reader: BinaryReader, depth: number) => JsonValue;

/** How a field is read into the JSON of its message. */
export interface FieldReader {
  readonly number: number;
  /** Sets the field. @throws UNUSUAL */
  read(reader: BinaryReader, wireType: WireType, json: JsonObject, depth: number): void;
  /** Sets a field that is not in the bytes but is in JSON nevertheless. */
  fill(json: JsonObject): void;
}

/** Thrown at whatever is better left to the library. */
export const UNUSUAL = new Error('left to the library');

interface Value {
  readonly wireType: WireType;
  readonly zero: JsonValue | undefined;
  readonly read: ReadValue;
}

/** Compiles the reading of a field. @param message compiles that of the messages in it. */
export function fieldReader(field: DescField, message: (type: DescMessage) => ReadValue): FieldReader {
  const { number, jsonName: name } = field;
  const value = valueReader(field, message);
  if (field.fieldKind === 'list') return { number, read: readList(name, value), fill: filler(name, () => []) };
  if (field.fieldKind === 'map') return { number, read: readMap(name, field, value), fill: filler(name, () => ({})) };
  const isPlain = field.presence === IMPLICIT && !field.oneof;
  const fill = isPlain ? filler(name, () => value.zero as JsonValue) : () => undefined;
  return { number, read: readOne(name, field, value), fill };
}

/** `google.protobuf.FeatureSet.FieldPresence.IMPLICIT`, which the library names in its types alone. */
const IMPLICIT = 2;

function filler(name: string, zero: () => JsonValue): (json: JsonObject) => void {
  return (json) => {
    if (json[name] === undefined) json[name] = zero();
  };
}

function valueReader(field: DescField, message: (type: DescMessage) => ReadValue): Value {
  if (field.message) return { wireType: WireType.LengthDelimited, zero: undefined, read: message(field.message) };
  return field.enum ? enumReader(field.enum) : scalarReader(field.scalar, field.utf8Validation);
}

/** The last value wins; a message that comes twice is merged, by the library. */
function readOne(name: string, { oneof, message }: DescField, value: Value): FieldReader['read'] {
  const others = oneof?.fields.map(({ jsonName }) => jsonName).filter((other) => other !== name) ?? [];
  return (reader, wireType, json, depth) => {
    if (wireType !== value.wireType || (message && json[name] !== undefined)) throw UNUSUAL;
    for (const other of others) if (json[other] !== undefined) delete json[other];
    json[name] = value.read(reader, depth);
  };
}

function readList(name: string, value: Value): FieldReader['read'] {
  const packable = value.wireType !== WireType.LengthDelimited;
  return (reader, wireType, json, depth) => {
    let items = json[name] as JsonValue[] | undefined;
    if (!items) {
      items = [];
      json[name] = items;
    }
    if (wireType === value.wireType) {
      items.push(value.read(reader, depth));
      return;
    }
    if (!packable || wireType !== WireType.LengthDelimited) throw UNUSUAL;
    const length = reader.uint32();
    const end = reader.pos + length;
    while (reader.pos < end) items.push(value.read(reader, depth));
    if (reader.pos !== end) throw UNUSUAL;
  };
}

function readMap(name: string, field: DescField & { fieldKind: 'map' }, value: Value): FieldReader['read'] {
  const key = scalarReader(field.mapKey, field.utf8Validation);
  return (reader, wireType, json, depth) => {
    if (wireType !== WireType.LengthDelimited) throw UNUSUAL;
    const length = reader.uint32();
    const end = reader.pos + length;
    let [text, item] = [String(key.zero), value.zero];
    while (reader.pos < end) {
      const [number, type] = reader.tag();
      if (number === 1 && type === key.wireType) text = String(key.read(reader));
      else if (number === 2 && type === value.wireType && !(field.message && item)) item = value.read(reader, depth);
      else throw UNUSUAL;
    }
    if (reader.pos !== end || item === undefined || text === '__proto__') throw UNUSUAL;
    const entries = (json[name] ?? {}) as JsonObject;
    entries[text] = item;
    json[name] = entries;
  };
}
