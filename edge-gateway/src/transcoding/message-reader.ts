import {
  type DescField,
  type DescMessage,
  fromBinary,
  type JsonObject,
  type JsonValue,
  type Registry,
  toJson,
} from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { TimestampSchema } from '@bufbuild/protobuf/wkt';
import { type FieldReader, fieldReader, type ReadValue, UNUSUAL } from './field-reader.ts';
import { readTimestamp } from './timestamp-reader.ts';

/** Fields without presence are written even when they are zero or empty: clients find every name in every answer. */
const JSON_WRITE_OPTIONS = { alwaysEmitImplicit: true } as const;
/** How deep messages nest at most: the library's own limit. */
const DEPTH_MAX = 100;

/** Turns the bytes of a message into its canonical JSON. @throws Error when they are not bytes of it. */
export type BytesToJson = (bytes: Uint8Array) => JsonValue;

/** The way from bytes to JSON by the library, through its messages: right for everything. */
export function bytesToJsonByLibrary(type: DescMessage, registry: Registry, recursionLimit = DEPTH_MAX): BytesToJson {
  return (bytes) => {
    const message = fromBinary(type, bytes, { readUnknownFields: false, recursionLimit });
    return toJson(type, message, { ...JSON_WRITE_OPTIONS, registry });
  };
}

/**
 * Compiles the same way without the message in between, which takes most of the time of a list. Whatever is out of the ordinary
 * still goes through the library: well-known types, groups, closed enums, messages to be merged, and bytes that are malformed.
 */
export function compileBytesToJson(type: DescMessage, registry: Registry): BytesToJson {
  const library = bytesToJsonByLibrary(type, registry);
  if (!isOrdinary(type)) return library;
  const read = createCompiler(registry).body(type);
  return (bytes) => {
    try {
      return read(new BinaryReader(bytes), bytes.length, 1);
    } catch {
      return library(bytes);
    }
  };
}

type ReadBody = (reader: BinaryReader, end: number, depth: number) => JsonObject;

function createCompiler(registry: Registry): { body(type: DescMessage): ReadBody } {
  const bodies = new Map<DescMessage, ReadBody>();
  const body = (type: DescMessage): ReadBody => {
    const known = bodies.get(type);
    if (known) return known;
    const fields: FieldReader[] = [];
    const read = readBody(fields);
    bodies.set(type, read);
    // Filled when the message is known already: it may be in itself.
    for (const field of type.fields.toSorted((a, b) => a.number - b.number)) fields.push(fieldReader(field, message));
    return read;
  };
  const message = (type: DescMessage): ReadValue => {
    if (type.typeName === TimestampSchema.typeName) return readTimestamp;
    if (!isOrdinary(type)) {
      return (reader, depth) => bytesToJsonByLibrary(type, registry, DEPTH_MAX - depth)(reader.bytes());
    }
    const read = body(type);
    return (reader, depth) => {
      const length = reader.uint32();
      return read(reader, reader.pos + length, depth + 1);
    };
  };
  return { body };
}

/** Reads fields in the order of their numbers, as they mostly come, and fills in those that do not come. */
function readBody(fields: readonly FieldReader[]): ReadBody {
  let indexes: Map<number, number> | undefined;
  return (reader, end, depth) => {
    if (depth > DEPTH_MAX) throw UNUSUAL;
    indexes ??= new Map(fields.map(({ number }, index) => [number, index]));
    const json: JsonObject = {};
    let next = 0;
    while (reader.pos < end) {
      const [number, wireType] = reader.tag();
      const index = indexes.get(number);
      if (index === undefined) {
        reader.skip(wireType, number, DEPTH_MAX - depth);
        continue;
      }
      for (; next < index; next += 1) fields[next]?.fill(json);
      if (next === index) next += 1;
      fields[index]?.read(reader, wireType, json, depth);
    }
    if (reader.pos !== end) throw UNUSUAL;
    for (; next < fields.length; next += 1) fields[next]?.fill(json);
    return json;
  };
}

/** Whether the JSON of a message is what its fields say, each of the kinds that are read here. */
function isOrdinary({ typeName, fields }: DescMessage): boolean {
  return !typeName.startsWith('google.protobuf.') && fields.every(isOrdinaryField);
}

/** `google.protobuf.FeatureSet.FieldPresence.LEGACY_REQUIRED`, which the library names in its types alone. */
const LEGACY_REQUIRED = 3;

function isOrdinaryField(field: DescField): boolean {
  const isGroup = 'delimitedEncoding' in field && field.delimitedEncoding;
  const isClosed = field.enum?.open === false;
  return !isGroup && !isClosed && field.presence !== LEGACY_REQUIRED && field.jsonName !== '__proto__';
}
