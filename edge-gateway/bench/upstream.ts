import { promisify } from 'node:util';
import { fromJson, toBinary } from '@bufbuild/protobuf';
import { Server, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { loadMeshTls, serverCredentials } from '@malla/chassis/tls';
import { testingContract } from '@malla/proto/testing';
import { ANSWERS } from './answers.ts';
import { readFiles } from './files.ts';

/** A process with a bare grpc-js server that answers with bytes made beforehand. What it costs is not measured. */
const contract = testingContract();
const server = new Server();
const asIs = (buffer: Buffer) => buffer;
for (const [path, json] of Object.entries(ANSWERS)) {
  const rpc = contract.rpcs.get(path);
  if (!rpc) throw new Error(`${path} is not in the contract`);
  const { output } = rpc.method;
  const bytes = Buffer.from(toBinary(output, fromJson(output, json, { registry: contract.registry })));
  const method = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  const answer = (_call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => callback(null, bytes);
  server.addService({ [path]: method }, { [path]: answer });
}
const tls = loadMeshTls(readFiles('svc-testing'));
process.send?.(await promisify(server.bindAsync.bind(server))('127.0.0.1:0', serverCredentials(tls)));
