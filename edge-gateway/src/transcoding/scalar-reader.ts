import { type DescEnum, type JsonValue, ScalarType } from '@bufbuild/protobuf';
import { type BinaryReader, base64Encode, WireType } from '@bufbuild/protobuf/wire';

/** How a scalar or an enum is read from the wire into its JSON form. */
export interface ScalarReader {
  readonly wireType: WireType;
  /** The JSON of a field that is not there. */
  readonly zero: JsonValue;
  read(reader: BinaryReader): JsonValue;
}

type Reading = readonly [WireType, JsonValue, (reader: BinaryReader) => JsonValue];

const { Varint, Bit32, Bit64, LengthDelimited } = WireType;
const READINGS: Readonly<Record<Exclude<ScalarType, typeof ScalarType.STRING>, Reading>> = {
  [ScalarType.BOOL]: [Varint, false, (reader) => reader.bool()],
  [ScalarType.BYTES]: [LengthDelimited, '', (reader) => base64Encode(reader.bytes())],
  [ScalarType.DOUBLE]: [Bit64, 0, (reader) => numberToJson(reader.double())],
  [ScalarType.FLOAT]: [Bit32, 0, (reader) => numberToJson(reader.float())],
  [ScalarType.INT32]: [Varint, 0, (reader) => reader.int32()],
  [ScalarType.UINT32]: [Varint, 0, (reader) => reader.uint32()],
  [ScalarType.SINT32]: [Varint, 0, (reader) => reader.sint32()],
  [ScalarType.FIXED32]: [Bit32, 0, (reader) => reader.fixed32()],
  [ScalarType.SFIXED32]: [Bit32, 0, (reader) => reader.sfixed32()],
  [ScalarType.INT64]: [Varint, '0', (reader) => String(reader.int64())],
  [ScalarType.UINT64]: [Varint, '0', (reader) => String(reader.uint64())],
  [ScalarType.SINT64]: [Varint, '0', (reader) => String(reader.sint64())],
  [ScalarType.FIXED64]: [Bit64, '0', (reader) => String(reader.fixed64())],
  [ScalarType.SFIXED64]: [Bit64, '0', (reader) => String(reader.sfixed64())],
};

/** The reader of a scalar type. @param strict whether text must be UTF-8. */
export function scalarReader(type: ScalarType, strict: boolean): ScalarReader {
  if (type === ScalarType.STRING)
    return { wireType: LengthDelimited, zero: '', read: (reader) => reader.string(strict) };
  const [wireType, zero, read] = READINGS[type];
  return { wireType, zero, read };
}

/** The reader of an open enum: names as far as they are known. */
export function enumReader(desc: DescEnum): ScalarReader {
  const isNull = desc.typeName === 'google.protobuf.NullValue';
  const names = new Map(desc.values.map(({ number }) => [number, desc.value[number]?.jsonName ?? number]));
  const nameOf = (value: number): JsonValue => (isNull ? null : (names.get(value) ?? value));
  return { wireType: Varint, zero: nameOf(desc.values[0]?.number ?? 0), read: (reader) => nameOf(reader.int32()) };
}

function numberToJson(value: number): JsonValue {
  return Number.isFinite(value) ? value : String(value);
}
