import {
  clone,
  create,
  createFileRegistry,
  type FileRegistry,
  getExtension,
  hasExtension,
  setExtension,
} from '@bufbuild/protobuf';
import { type DescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { field as fieldRules } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import { timeRangeOf } from './time-rules.ts';

/** The same messages, without the rules of times that `createTimeCheck` checks. */
export function withoutTimeRules(registry: FileRegistry): FileRegistry {
  const file = [...registry.files].map(({ proto }) => {
    const copy = clone(FileDescriptorProtoSchema, proto);
    copy.messageType.forEach(removeTimeRules);
    return copy;
  });
  return createFileRegistry(create(FileDescriptorSetSchema, { file }));
}

function removeTimeRules({ field, nestedType }: DescriptorProto): void {
  nestedType.forEach(removeTimeRules);
  for (const { options } of field) {
    if (!options || !hasExtension(options, fieldRules)) continue;
    const rules = getExtension(options, fieldRules);
    if (!timeRangeOf(rules)) continue;
    setExtension(options, fieldRules, { ...rules, type: { case: undefined } });
  }
}
