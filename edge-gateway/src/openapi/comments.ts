import type { DescriptorProto, FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import type { Contract } from '@malla/proto/contract';

/** The comments of a contract by the full name of what they stand at: `malla.users.v1.User.display_name`. */
export type Comments = ReadonlyMap<string, string>;

/** Field numbers in `google/protobuf/descriptor.proto` that make up the paths of comments. */
const FILE = { message: 4, enum: 5, service: 6 } as const;
const MESSAGE = { field: 2, message: 3, enum: 4 } as const;
const SERVICE_METHOD = 2;

/** Collects the comments in front of services, RPCs, messages and fields. */
export function commentsOf({ descriptorSet }: Contract): Comments {
  return new Map(descriptorSet.file.flatMap((file) => [...commentsIn(file)]));
}

function* commentsIn(file: FileDescriptorProto): Generator<[name: string, comment: string]> {
  const names = new Map(namesOf(file));
  for (const { path, leadingComments } of file.sourceCodeInfo?.location ?? []) {
    const text = leadingComments.trim().replace(/\n */g, ' ');
    const name = text && names.get(path.join('.'));
    if (name) yield [name, text];
  }
}

/** Everything in a file that a comment may stand at, by its path. */
function* namesOf(file: FileDescriptorProto): Generator<[path: string, name: string]> {
  for (const [index, message] of file.messageType.entries())
    yield* messageNames(message, `${FILE.message}.${index}`, file.package);
  for (const [index, each] of file.enumType.entries()) yield [`${FILE.enum}.${index}`, `${file.package}.${each.name}`];
  for (const [index, service] of file.service.entries()) {
    const name = `${file.package}.${service.name}`;
    yield [`${FILE.service}.${index}`, name];
    for (const [at, method] of service.method.entries()) {
      yield [`${FILE.service}.${index}.${SERVICE_METHOD}.${at}`, `${name}.${method.name}`];
    }
  }
}

function* messageNames(message: DescriptorProto, path: string, parent: string): Generator<[string, string]> {
  const name = `${parent}.${message.name}`;
  yield [path, name];
  for (const [index, field] of message.field.entries())
    yield [`${path}.${MESSAGE.field}.${index}`, `${name}.${field.name}`];
  for (const [index, inner] of message.nestedType.entries())
    yield* messageNames(inner, `${path}.${MESSAGE.message}.${index}`, name);
  for (const [index, each] of message.enumType.entries())
    yield [`${path}.${MESSAGE.enum}.${index}`, `${name}.${each.name}`];
}
