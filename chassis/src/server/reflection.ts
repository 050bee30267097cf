import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type DescriptorProto, type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { Server } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import type { Contract } from '@malla/proto/contract';
import { file_google_rpc_error_details } from '@malla/proto/google/rpc/error_details.pb';
import { protoPath as healthProto } from 'grpc-health-check';

const HEALTH = 'grpc.health.v1.Health';

/** What ReflectionService holds for each version of the protocol, and keeps to itself. */
type Encodings = Readonly<Record<'v1' | 'v1Alpha', { fileEncodings: Map<{ readonly name: string }, Uint8Array> }>>;

/**
 * Adds gRPC reflection (v1 and v1alpha) to a server, so that `grpcurl` needs no files: of its services, of `grpc.health.v1`,
 * and of what the details of a failed call are written in.
 */
export function addReflection(server: Server, contract: Contract, services: readonly string[]): void {
  const files = [...filesOf(contract, services), file_google_rpc_error_details.proto].map(
    (file) => [file.name, toBinary(FileDescriptorProtoSchema, { ...file, sourceCodeInfo: undefined })] as const,
  );
  // Only the descriptors of a package definition are read.
  const definition = { files: { fileDescriptorProtos: files.map(([, bytes]) => Buffer.from(bytes)) } };
  const reflection = new ReflectionService(
    { ...loadSync(healthProto), ...definition } as unknown as ConstructorParameters<typeof ReflectionService>[0],
    { services: [...services, HEALTH] },
  );
  repair(reflection as unknown as Encodings, new Map(files));
  reflection.addToServer(server);
}

/** The files that declare these services, and what those import: to describe all of the mesh takes a start too long. */
function filesOf({ descriptorSet }: Contract, services: readonly string[]): FileDescriptorProto[] {
  const wanted = new Set(descriptorSet.file.filter((file) => declaresAny(file, services)).map(({ name }) => name));
  // A set is iterated over what is added meanwhile.
  for (const name of wanted) {
    for (const imported of descriptorSet.file.find((file) => file.name === name)?.dependency ?? [])
      wanted.add(imported);
  }
  return descriptorSet.file.filter(({ name }) => wanted.has(name));
}

function declaresAny(file: FileDescriptorProto, services: readonly string[]): boolean {
  return file.service.some(({ name }) => services.includes(`${file.package}.${name}`));
}

/**
 * ReflectionService decodes and encodes every file, and loses the options that it does not know: policies, routes, rules. In
 * what it loads by itself, the entries of maps have names that clients refuse.
 */
function repair({ v1, v1Alpha }: Encodings, originals: ReadonlyMap<string, Uint8Array>): void {
  for (const { fileEncodings } of [v1, v1Alpha]) {
    for (const [file, encoded] of fileEncodings) {
      fileEncodings.set(file, originals.get(file.name) ?? withMapEntries(encoded));
    }
  }
}

function withMapEntries(encoded: Uint8Array): Uint8Array {
  const file = fromBinary(FileDescriptorProtoSchema, encoded);
  for (const message of file.messageType) nameMapEntries(message);
  return toBinary(FileDescriptorProtoSchema, file);
}

/** A map named `statuses` is a list of the message `StatusesEntry` (descriptor.proto, MessageOptions.map_entry). */
function nameMapEntries({ field: fields, nestedType }: DescriptorProto): void {
  for (const nested of nestedType) {
    nameMapEntries(nested);
    const { name, options } = nested;
    if (!options?.mapEntry || name.endsWith('Entry')) continue;
    nested.name = `${name}Entry`;
    for (const field of fields) if (field.typeName === name) field.typeName = nested.name;
  }
}
