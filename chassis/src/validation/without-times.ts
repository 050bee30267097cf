import {
  clone,
  create,
  createFileRegistry,
  type FileRegistry,
  getExtension,
  hasExtension,
  setExtension,
} from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type FieldDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { type FieldRules, field as fieldRules } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import { timeRangeOf } from './time-rules.ts';

/** The same messages, without the rules of times that `createTimeCheck` checks. */
export function withoutTimeRules(registry: FileRegistry): FileRegistry {
  const file = [...registry.files].map(({ proto }) => {
    if (!proto.messageType.some(hasTimeRules)) return proto;
    const copy = clone(FileDescriptorProtoSchema, { ...proto, sourceCodeInfo: undefined });
    copy.messageType.forEach(removeTimeRules);
    return copy;
  });
  return createFileRegistry(create(FileDescriptorSetSchema, { file }));
}

function hasTimeRules({ field, nestedType }: DescriptorProto): boolean {
  return nestedType.some(hasTimeRules) || field.some((each) => timeRulesOf(each) !== undefined);
}

function removeTimeRules({ field, nestedType }: DescriptorProto): void {
  nestedType.forEach(removeTimeRules);
  for (const each of field) {
    const rules = timeRulesOf(each);
    if (rules && each.options) setExtension(each.options, fieldRules, { ...rules, type: { case: undefined } });
  }
}

/** The rules of a field when they are of a time. */
function timeRulesOf({ options }: FieldDescriptorProto): FieldRules | undefined {
  if (!options || !hasExtension(options, fieldRules)) return undefined;
  const rules = getExtension(options, fieldRules);
  return timeRangeOf(rules) ? rules : undefined;
}
