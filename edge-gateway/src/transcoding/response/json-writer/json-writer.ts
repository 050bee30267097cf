import type { DescMessage, Registry } from '@bufbuild/protobuf';
import { compileMessage } from './compile-message.ts';
import { beginTransfer, endTransfer } from './transfer.ts';

/**
 * Turns the bytes of a message into the text of its canonical JSON, without the message in between. @returns undefined for bytes that are not laid
 * out as encoders lay them out: those are left to the library, which says what they are.
 */
export type JsonWriter = (bytes: Uint8Array) => Buffer | undefined;

/** Compiles the direct way for a type. Its answers are those of `toJson` with `alwaysEmitImplicit`, byte by byte. */
export function compileJsonWriter(type: DescMessage, registry: Registry): JsonWriter {
  const write = compileMessage(type, registry);
  return (bytes) => {
    const transfer = beginTransfer(bytes);
    return write(transfer) ? endTransfer(transfer) : undefined;
  };
}
