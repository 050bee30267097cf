import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { type DescriptorProto, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { file_buf_validate_validate } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import { printProto } from '../scripts/print-proto.ts';
import { buf } from './support/buf.ts';

/** Everything that decides how a message lies on the wire. */
function shapeOf({ name, field, nestedType, enumType, oneofDecl, extensionRange }: DescriptorProto): unknown {
  const fields = field
    .map(({ name, number, type, typeName, label, proto3Optional }) => ({
      name,
      number,
      type,
      typeName,
      label,
      proto3Optional,
    }))
    .toSorted((a, b) => a.number - b.number);
  return {
    name,
    fields,
    nested: nestedType.map(shapeOf),
    enums: enumType.map(({ name, value }) => [name, value.map(({ name, number }) => [name, number])]),
    oneofs: oneofDecl.map(({ name }) => name).filter((oneof) => !oneof.startsWith('_')),
    ranges: extensionRange.map(({ start, end }) => [start, end]),
  };
}

describe('printProto', () => {
  it('prints validate.proto so that buf reads the same messages, fields and numbers from it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'malla-print-'));
    const path = join(folder, 'buf/validate/validate.proto');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, printProto(file_buf_validate_validate.proto));
    buf(folder, 'build', '--as-file-descriptor-set', '--output', 'set.binpb');
    const read = fromBinary(FileDescriptorSetSchema, readFileSync(join(folder, 'set.binpb')));
    rmSync(folder, { recursive: true });
    const file = read.file.find(({ name }) => name === 'buf/validate/validate.proto');
    assert.deepEqual(file?.messageType.map(shapeOf), file_buf_validate_validate.proto.messageType.map(shapeOf));
    assert.deepEqual(
      file?.extension.map(({ name, number, extendee }) => ({ name, number, extendee })),
      file_buf_validate_validate.proto.extension.map(({ name, number, extendee }) => ({ name, number, extendee })),
    );
  });
});
