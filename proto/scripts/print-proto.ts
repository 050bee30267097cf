import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
} from '@bufbuild/protobuf/wkt';
import { FieldDescriptorProto_Label as Label, FieldDescriptorProto_Type as Type } from '@bufbuild/protobuf/wkt';

const MAX_EXTENSION = 536_870_912;

/**
 * Prints a file descriptor as `.proto` source: messages, enums, oneofs, extension ranges and extensions. Options and
 * comments are left out, which is what a contract that only *uses* the file's extensions needs. Groups and maps do not
 * occur in the one file this is for, and are refused.
 */
export function printProto(file: FileDescriptorProto): string {
  const proto2 = file.syntax !== 'proto3';
  const extensions = Object.entries(Object.groupBy(file.extension, (extension) => extension.extendee));
  return [
    `syntax = "${file.syntax || 'proto2'}";`,
    `package ${file.package};`,
    ...file.dependency.map((path) => `import "${path}";`),
    ...file.enumType.map(printEnum),
    ...file.messageType.map((message) => printMessage(message, proto2)),
    ...extensions.map(([extendee, fields]) =>
      block(`extend ${extendee}`, fields?.map((f) => printField(f, proto2)) ?? []),
    ),
    '',
  ].join('\n');
}

function block(head: string, lines: string[]): string {
  return [`${head} {`, ...lines.flatMap((line) => line.split('\n')).map((line) => `  ${line}`), '}'].join('\n');
}

function printEnum(type: EnumDescriptorProto): string {
  return block(
    `enum ${type.name}`,
    type.value.map((value) => `${value.name} = ${value.number};`),
  );
}

function printMessage(message: DescriptorProto, proto2: boolean): string {
  const free = message.field.filter((field) => !inOneof(field));
  const oneofs = message.oneofDecl.map((oneof, index) => {
    const members = message.field.filter((field) => inOneof(field) && field.oneofIndex === index);
    return members.length
      ? block(
          `oneof ${oneof.name}`,
          members.map((field) => `${typeOf(field)} ${numbered(field)}`),
        )
      : '';
  });
  return block(`message ${message.name}`, [
    ...message.enumType.map(printEnum),
    ...message.nestedType.map((nested) => printMessage(nested, proto2)),
    ...free.map((field) => printField(field, proto2)),
    ...oneofs.filter((text) => text !== ''),
    ...message.extensionRange.map(
      ({ start, end }) => `extensions ${start} to ${end >= MAX_EXTENSION ? 'max' : end - 1};`,
    ),
    ...message.reservedRange.map(({ start, end }) => `reserved ${start} to ${end - 1};`),
  ]);
}

function inOneof(field: FieldDescriptorProto): boolean {
  return Object.hasOwn(field, 'oneofIndex') && !field.proto3Optional;
}

function printField(field: FieldDescriptorProto, proto2: boolean): string {
  if (field.label === Label.REPEATED) return `repeated ${typeOf(field)} ${numbered(field)}`;
  return `${proto2 || field.proto3Optional ? 'optional ' : ''}${typeOf(field)} ${numbered(field)}`;
}

function numbered(field: FieldDescriptorProto): string {
  return `${field.name} = ${field.number};`;
}

function typeOf(field: FieldDescriptorProto): string {
  if (field.type === Type.GROUP) throw new TypeError(`${field.name}: groups are not printed`);
  return field.typeName || (Type[field.type] as string).toLowerCase();
}
