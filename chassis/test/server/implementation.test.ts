import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { clearExtension, clone, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { loadContract } from '@malla/proto/contract';
import { policy } from '@malla/proto/malla/options/v1/policy.pb';
import { EchoServiceService } from '@malla/proto/malla/testing/v1/echo_service';
import { createClient } from '../../src/client/client.ts';
import type { CallServices } from '../../src/server/call.ts';
import { type Implementation, wrap } from '../../src/server/implementation.ts';
import { connect, contract, startEcho } from '../support/echo.ts';

const handler = async () => ({});
const handlers = Object.fromEntries(Object.keys(EchoServiceService).map((name) => [name, handler]));

function refuses(implementation: Implementation, message: RegExp) {
  return assert.rejects(startEcho({}, { implementations: [implementation] }), { message });
}

describe('createGrpcServer', () => {
  it('refuses an RPC that has no handler, naming it', async () => {
    await refuses(
      { definition: EchoServiceService, handlers: { ...handlers, echoLive: undefined } },
      /^\/malla\.testing\.v1\.EchoService\/EchoLive has no handler$/,
    );
    await refuses({ definition: EchoServiceService, handlers: { ...handlers, echo: {} } }, /EchoService\/Echo has no/);
  });

  it('refuses an RPC that is not in the contract, naming it', async () => {
    const echo = { ...EchoServiceService.echo, path: '/malla.testing.v1.EchoService/Unheard' };
    await refuses({ definition: { echo }, handlers }, /EchoService\/Unheard is not in the contract/);
  });

  it('refuses an RPC that streams both ways, naming it', async () => {
    const echo = { ...EchoServiceService.echo, requestStream: true, responseStream: true };
    await refuses({ definition: { echo }, handlers }, /EchoService\/Echo: streams both ways are not served/);
  });

  it('refuses an RPC whose rules cannot be used, naming it', () => {
    const validate = () => {
      throw new Error('no such field');
    };
    const services = { validate } as unknown as CallServices;
    assert.throws(() => wrap({ definition: EchoServiceService, handlers }, contract, services), {
      message: '/malla.testing.v1.EchoService/Echo has a rule that cannot be used',
    });
  });

  it('is never reached by an RPC without a policy: its contract cannot be loaded', () => {
    const files = clone(FileDescriptorSetSchema, contract.descriptorSet);
    const service = files.file.flatMap((file) => file.service).find(({ name }) => name === 'EchoService');
    const options = service?.method.find(({ name }) => name === 'EchoUser')?.options;
    assert.ok(options);
    clearExtension(options, policy);
    assert.throws(() => loadContract(toBinary(FileDescriptorSetSchema, files)), {
      message: /\/malla\.testing\.v1\.EchoService\/EchoUser has no malla\.options\.v1\.policy/,
    });
  });

  it('says so when the port is taken', async () => {
    const { port } = await startEcho();
    await assert.rejects(startEcho({}, { port }), /EADDRINUSE|No address added/);
  });

  it('listens on every address', async () => {
    const ipv6 = Object.values(networkInterfaces()).some((addresses) =>
      addresses?.some(({ family }) => family === 'IPv6'),
    );
    const { port } = await startEcho({}, { host: ipv6 ? '::' : '0.0.0.0' });
    const { client } = await connect(port);
    assert.equal((await client.echo({ text: 'a', number: 1n })).text, 'a');
  });

  it('is ready for its first call: the rules of every message have been compiled', async () => {
    const { port, calls } = await startEcho();
    const { client } = await connect(port);
    await client.echoUser({ text: 'a' }).catch(() => undefined);
    await client.echo({ text: 'a', number: 1n });
    const { ms } = calls()[1] as { ms: number };
    assert.ok(ms < 10, `${ms} ms`);
  });
});

describe('createClient', () => {
  it('refuses a method that is not in the contract, naming it', async () => {
    const { channel } = await connect(1);
    const echo = { ...EchoServiceService.echo, path: '/malla.testing.v1.EchoService/Unheard' };
    assert.throws(() => createClient(channel, { echo }, contract), { message: /EchoService\/Unheard is not in/ });
  });
});
