import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, createFileRegistry, fromBinary, getOption } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { Client, MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { http } from '@malla/proto/google/api/annotations.pb';
import { Access, policy } from '@malla/proto/malla/options/v1/policy.pb';
import { connect, startEcho } from '../support/echo.ts';

interface Answer {
  listServicesResponse?: { service: { name: string }[] };
  fileDescriptorResponse?: { fileDescriptorProto: Buffer[] };
  errorResponse?: { errorCode: number };
}

const PROTOS = join(dirname(fileURLToPath(import.meta.resolve('@grpc/reflection'))), '../proto/grpc/reflection');
const SERVICE = 'malla.testing.v1.EchoService';

/** Asks one question of the reflection of a server, as `grpcurl` does. */
async function ask(channel: Client, version: string, question: object): Promise<Answer> {
  const loaded = loadSync(join(PROTOS, version, 'reflection.proto'), { defaults: false, oneofs: true });
  const service = loaded[`grpc.reflection.${version}.ServerReflection`] as ServiceDefinition;
  const { path, requestSerialize, responseDeserialize } = service.ServerReflectionInfo as MethodDefinition<
    object,
    Answer
  >;
  const call = channel.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  call.end(question);
  let answer: Answer = {};
  for await (const message of call) answer = message as Answer;
  return answer;
}

/** The descriptor of a symbol's file, and of every file that it imports. */
async function filesOf(channel: Client, version: string, symbol: string): Promise<Map<string, FileDescriptorProto>> {
  const files = new Map<string, FileDescriptorProto>();
  const add = ({ fileDescriptorResponse }: Answer) => {
    for (const bytes of fileDescriptorResponse?.fileDescriptorProto ?? []) {
      const file = fromBinary(FileDescriptorProtoSchema, bytes);
      files.set(file.name, file);
    }
  };
  const missing = () => [...files.values()].flatMap(({ dependency }) => dependency).find((name) => !files.has(name));
  add(await ask(channel, version, { fileContainingSymbol: symbol }));
  for (let name = missing(); name; name = missing()) add(await ask(channel, version, { fileByFilename: name }));
  return files;
}

/** Files after the files that they import. */
function sorted(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const ordered = new Set<FileDescriptorProto>();
  const visit = (name: string) => {
    const file = files.get(name);
    if (!file || ordered.has(file)) return;
    for (const dependency of file.dependency) visit(dependency);
    ordered.add(file);
  };
  for (const name of files.keys()) visit(name);
  return [...ordered];
}

describe('reflection', () => {
  for (const version of ['v1', 'v1alpha']) {
    it(`lists the services (${version})`, async () => {
      const { port } = await startEcho();
      const { channel } = await connect(port);
      const { listServicesResponse } = await ask(channel, version, { listServices: '*' });
      assert.deepEqual(
        listServicesResponse?.service.map(({ name }) => name),
        ['grpc.health.v1.Health', SERVICE],
      );
    });

    it(`describes a service with all its options (${version})`, async () => {
      const { port } = await startEcho();
      const { channel } = await connect(port);
      const files = await filesOf(channel, version, SERVICE);
      const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: sorted(files) }));
      const method = registry.getService(SERVICE)?.methods.find(({ name }) => name === 'EchoLive');
      assert.ok(method);
      const { access, permissions, liveSession } = getOption(method, policy);
      assert.deepEqual([access, permissions, liveSession], [Access.USER, ['echo:write'], true]);
      assert.equal(getOption(method, http).pattern.value, '/v1/testing/echo:live');
    });
  }

  it('describes health, and what the details of a failed call are written in', async () => {
    const { port } = await startEcho();
    const { channel } = await connect(port);
    for (const symbol of ['grpc.health.v1.HealthCheckRequest', 'google.rpc.ErrorInfo', 'google.rpc.BadRequest']) {
      const { fileDescriptorResponse } = await ask(channel, 'v1', { fileContainingSymbol: symbol });
      assert.ok(fileDescriptorResponse?.fileDescriptorProto.length, symbol);
    }
  });

  it('names the entries of maps as grpcurl demands it', async () => {
    const { port } = await startEcho();
    const { channel } = await connect(port);
    for (const version of ['v1', 'v1alpha']) {
      const [file] = (await filesOf(channel, version, 'grpc.health.v1.Health')).values();
      const message = file?.messageType.find(({ name }) => name === 'HealthListResponse');
      assert.deepEqual(
        message?.nestedType.map(({ name }) => name),
        ['StatusesEntry'],
      );
      assert.match(message?.field[0]?.typeName ?? '', /(^|\.)StatusesEntry$/);
    }
  });

  it('answers NOT_FOUND for what it does not know, also for names of JavaScript', async () => {
    const { port } = await startEcho();
    const { channel } = await connect(port);
    for (const name of ['malla.users.v1.UsersService', 'x'.repeat(10_000)]) {
      const { errorResponse } = await ask(channel, 'v1', { fileContainingSymbol: name });
      assert.equal(errorResponse?.errorCode, 5, name);
    }
    await ask(channel, 'v1', { fileContainingSymbol: '__proto__' });
    await ask(channel, 'v1', { fileByFilename: 'constructor' });
    assert.ok((await ask(channel, 'v1', { listServices: '' })).listServicesResponse);
  });
});
