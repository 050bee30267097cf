import type { DescField } from '@bufbuild/protobuf';
import { skipValue } from './library-field.ts';
import { beginTransfer, readEnd, readVarint } from './transfer.ts';

/** The value of a string field, in bytes that the direct way has taken. @returns '' when it is not there. */
export function readString(bytes: Uint8Array, { number }: DescField): string {
  const transfer = beginTransfer(bytes);
  while (readVarint(transfer)) {
    const { low: tag } = transfer;
    if (tag >>> 3 === number) {
      const end = readEnd(transfer);
      return Buffer.from(bytes.subarray(transfer.at, end)).toString();
    }
    if (!skipValue(transfer, tag & 7)) break;
  }
  return '';
}
