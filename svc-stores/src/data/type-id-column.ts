import { Type } from '@mikro-orm/core';
import { readId, writeId } from './columns.ts';

/** Maps a TypeID to the 16 bytes of its UUID. */
export class TypeIdColumn extends Type<string, Buffer> {
  readonly prefix: string;

  constructor(prefix: string) {
    super();
    this.prefix = prefix;
  }

  override convertToDatabaseValue(value: string | Buffer): Buffer {
    return Buffer.isBuffer(value) ? value : writeId(this.prefix, value);
  }

  override convertToJSValue(value: string | Buffer): string {
    return Buffer.isBuffer(value) ? readId(this.prefix, value) : value;
  }

  override compareAsType(): string {
    return 'buffer';
  }

  override getColumnType(): string {
    return 'binary(16)';
  }
}
