import { isUtf8 } from 'node:buffer';
import { type DescEnum, ScalarType } from '@bufbuild/protobuf';
import { put, putAscii, putByte, putText, readEnd, readVarint, reserve, type Transfer } from './transfer.ts';

/** Writes the value that is read next. @returns false when that is left to the library. */
export type WriteValue = (transfer: Transfer) => boolean;

/** The form of a type's values in JSON and on the wire. */
export interface ValueKind {
  readonly wireType: 0 | 1 | 2 | 5;
  readonly write: WriteValue;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/** Copies a string: bytes that JSON needs no escape for are what UTF-8 has them as. */
export const writeString: WriteValue = (transfer) => {
  const end = readEnd(transfer);
  if (end < 0) return false;
  const { wire, at: start } = transfer;
  reserve(transfer, end - start + 2);
  const { json } = transfer;
  let { length } = transfer;
  let seen = 0;
  json[length++] = QUOTE;
  for (let at = start; at < end; at += 1) {
    const byte = wire[at] as number;
    if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) return writeEscaped(transfer, end);
    seen |= byte;
    json[length++] = byte;
  }
  if (seen > 0x7f && !isUtf8(wire.subarray(start, end))) return false;
  json[length++] = QUOTE;
  transfer.length = length;
  transfer.at = end;
  return true;
};

function writeEscaped(transfer: Transfer, end: number): boolean {
  const bytes = transfer.wire.subarray(transfer.at, end);
  if (!isUtf8(bytes)) return false;
  putText(transfer, JSON.stringify(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()));
  transfer.at = end;
  return true;
}

const writeBytes: WriteValue = (transfer) => {
  const end = readEnd(transfer);
  if (end < 0) return false;
  const { wire, at } = transfer;
  putByte(transfer, QUOTE);
  putAscii(transfer, Buffer.from(wire.buffer, wire.byteOffset + at, end - at).toString('base64'));
  putByte(transfer, QUOTE);
  transfer.at = end;
  return true;
};

const writeBool: WriteValue = (transfer) => {
  if (!readVarint(transfer)) return false;
  put(transfer, transfer.low === 0 && transfer.high === 0 ? FALSE : TRUE);
  return true;
};

/** A number of 32 bits: what is above them is cut off, as everywhere in protobuf. */
const writeInt32: WriteValue = (transfer) => {
  if (!readVarint(transfer)) return false;
  putAscii(transfer, String(transfer.low | 0));
  return true;
};

const writeUint32: WriteValue = (transfer) => {
  if (!readVarint(transfer)) return false;
  putAscii(transfer, String(transfer.low));
  return true;
};

const writeInt64: WriteValue = (transfer) => {
  if (!readVarint(transfer)) return false;
  putDigits(transfer, transfer.high | 0);
  return true;
};

const writeUint64: WriteValue = (transfer) => {
  if (!readVarint(transfer)) return false;
  putDigits(transfer, transfer.high);
  return true;
};

function putDigits(transfer: Transfer, high: number): void {
  const { low } = transfer;
  const safe = high >= 0 && high < 0x20_0000;
  const digits = safe ? String(high * 0x1_0000_0000 + low) : ((BigInt(high) << 32n) | BigInt(low)).toString();
  putByte(transfer, QUOTE);
  putAscii(transfer, digits);
  putByte(transfer, QUOTE);
}

const SCALARS: Partial<Record<ScalarType, ValueKind>> = {
  [ScalarType.STRING]: { wireType: 2, write: writeString },
  [ScalarType.BYTES]: { wireType: 2, write: writeBytes },
  [ScalarType.BOOL]: { wireType: 0, write: writeBool },
  [ScalarType.INT32]: { wireType: 0, write: writeInt32 },
  [ScalarType.UINT32]: { wireType: 0, write: writeUint32 },
  [ScalarType.INT64]: { wireType: 0, write: writeInt64 },
  [ScalarType.UINT64]: { wireType: 0, write: writeUint64 },
};

/** Returns the kind of a scalar; undefined for a scalar that the library writes. */
export function scalarKind(scalar: ScalarType): ValueKind | undefined {
  return SCALARS[scalar];
}

/** Returns the kind of an enum, which is written by its names. The library writes a number that has no name. */
export function enumKind(type: DescEnum): ValueKind | undefined {
  if (type.typeName === 'google.protobuf.NullValue') return undefined;
  const names = new Map(type.values.map(({ number }) => [number, Buffer.from(nameOf(type, number))]));
  const write: WriteValue = (transfer) => {
    const name = readVarint(transfer) ? names.get(transfer.low | 0) : undefined;
    if (name) put(transfer, name);
    return name !== undefined;
  };
  return { wireType: 0, write };
}

/** A number may have several names, of which JSON has one. */
function nameOf(type: DescEnum, number: number): string {
  return JSON.stringify(type.value[number]?.jsonName);
}
