import { toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import type { Contract } from '@malla/proto/contract';

/** Adds gRPC reflection (v1 and v1alpha) to a server, so that `grpcurl` needs no files. */
export function addReflection(server: Server, contract: Contract, services: readonly string[]): void {
  const fileDescriptorProtos = contract.descriptorSet.file.map((file) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, { ...file, sourceCodeInfo: undefined })),
  );
  // Only the descriptors of a package definition are read.
  const definition = { files: { fileDescriptorProtos } } as unknown as ConstructorParameters<
    typeof ReflectionService
  >[0];
  new ReflectionService(definition, { services: [...services] }).addToServer(server);
}
