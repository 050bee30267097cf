import { Type } from '@mikro-orm/core';
import { TypeID, typeid } from 'typeid-js';

/** Maps a TypeID (`usr_…`) to the 16 bytes of its UUID, which is how it is stored. */
export class TypeIdColumn extends Type<string, Buffer> {
  readonly prefix: string;

  constructor(prefix: string) {
    super();
    this.prefix = prefix;
  }

  override convertToDatabaseValue(value: string | Buffer): Buffer {
    return Buffer.isBuffer(value) ? value : Buffer.from(TypeID.fromString(value, this.prefix).toUUIDBytes());
  }

  override convertToJSValue(value: string | Buffer): string {
    return Buffer.isBuffer(value) ? TypeID.fromUUIDBytes(this.prefix, value).toString() : value;
  }

  override compareAsType(): string {
    return 'buffer';
  }

  override getColumnType(): string {
    return 'binary(16)';
  }
}

/** Whether a text is a TypeID with this prefix. */
export function isTypeId(text: string, prefix: string): boolean {
  try {
    TypeID.fromString(text, prefix);
    return true;
  } catch {
    return false;
  }
}

/** Makes the ids of this service: TypeIDs over UUIDv7, which sort by time. */
export const newId = {
  user: () => typeid('usr').toString(),
  session: () => typeid('ses').toString(),
} as const;
