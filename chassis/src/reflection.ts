import { toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
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
  const files = [...contract.descriptorSet.file, file_google_rpc_error_details.proto].map(
    (file) => [file.name, toBinary(FileDescriptorProtoSchema, { ...file, sourceCodeInfo: undefined })] as const,
  );
  // Only the descriptors of a package definition are read.
  const definition = { files: { fileDescriptorProtos: files.map(([, bytes]) => Buffer.from(bytes)) } };
  const reflection = new ReflectionService(
    { ...loadSync(healthProto), ...definition } as unknown as ConstructorParameters<typeof ReflectionService>[0],
    { services: [...services, HEALTH] },
  );
  keepOptions(reflection as unknown as Encodings, new Map(files));
  reflection.addToServer(server);
}

/** ReflectionService decodes and encodes every file, and loses the options that it does not know: policies, routes, rules. */
function keepOptions({ v1, v1Alpha }: Encodings, originals: ReadonlyMap<string, Uint8Array>): void {
  for (const { fileEncodings } of [v1, v1Alpha]) {
    for (const [file, encoded] of fileEncodings) fileEncodings.set(file, originals.get(file.name) ?? encoded);
  }
}
