import { type DescField, fromBinary, type JsonObject, type JsonValue, type Registry, toJson } from '@bufbuild/protobuf';
import { JSON_WRITE_OPTIONS } from '../../json/json-options.ts';
import { putText, readEnd, readVarint, type Transfer } from './transfer.ts';

/** Writes a field whose first tag was read, and which began at `start`. @returns false when all is left to the library. */
export type WriteField = (transfer: Transfer, start: number) => boolean;

/**
 * Writes a field by the library: all its values that stand together, read as a message of their own that has nothing else.
 * So it is with maps, numbers with a point, and the well-known types.
 */
export function libraryField(field: DescField, registry: Registry): WriteField {
  return (transfer, start) => {
    const { wire } = transfer;
    const tag = wire.subarray(start, transfer.at);
    do {
      if (!skipValue(transfer, (wire[start] as number) & 7)) return false;
    } while (takeTag(transfer, tag));
    const json = valueByLibrary(field, wire.subarray(start, transfer.at), registry);
    if (json === undefined) return false;
    putText(transfer, JSON.stringify(json));
    return true;
  };
}

/** @returns undefined for what it refuses: it will say so of the message as a whole. */
function valueByLibrary({ parent, jsonName }: DescField, bytes: Uint8Array, registry: Registry): JsonValue | undefined {
  try {
    const message = fromBinary(parent, bytes, { readUnknownFields: false });
    return (toJson(parent, message, { ...JSON_WRITE_OPTIONS, registry }) as JsonObject)[jsonName];
  } catch {
    return undefined;
  }
}

/** Reads the tag when it is the next one: one more value of the same field. */
export function takeTag(transfer: Transfer, tag: Uint8Array): boolean {
  const { wire, at, end } = transfer;
  if (at + tag.length > end) return false;
  for (let index = 0; index < tag.length; index += 1) if (wire[at + index] !== tag[index]) return false;
  transfer.at = at + tag.length;
  return true;
}

/** Passes over a value. Groups are left to the library. */
export function skipValue(transfer: Transfer, wireType: number): boolean {
  switch (wireType) {
    case 0:
      return readVarint(transfer);
    case 1:
      return advance(transfer, transfer.at + 8);
    case 2:
      return advance(transfer, readEnd(transfer));
    case 5:
      return advance(transfer, transfer.at + 4);
    default:
      return false;
  }
}

function advance(transfer: Transfer, to: number): boolean {
  if (to < 0 || to > transfer.end) return false;
  transfer.at = to;
  return true;
}
