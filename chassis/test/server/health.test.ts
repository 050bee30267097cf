import assert from 'node:assert/strict';
import { type Client, type ClientReadableStream, Metadata } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { afterThisTest } from '../support/cleanup.ts';
import { connect, startEcho } from '../support/echo.ts';

type Status = 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
const SERVICE = 'malla.testing.v1.EchoService';
const { Check: check, Watch: watch } = service as unknown as Record<
  'Check' | 'Watch',
  { path: string; requestSerialize(value: object): Buffer; responseDeserialize(bytes: Buffer): { status: Status } }
>;

function ask(channel: Client, name: string): Promise<Status> {
  const { path, requestSerialize, responseDeserialize } = check;
  return new Promise((resolve, reject) => {
    channel.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service: name }, (error, answer) =>
      error ? reject(error) : resolve(answer?.status as Status),
    );
  });
}

function observe(channel: Client, name: string): ClientReadableStream<{ status: Status }> {
  const { path, requestSerialize, responseDeserialize } = watch;
  const stream = channel.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    { service: name },
    new Metadata(),
  );
  stream.on('error', () => undefined);
  afterThisTest(() => stream.cancel());
  return stream;
}

describe('grpc.health.v1', () => {
  it('says SERVING for the server and for each service, and NOT_FOUND for others', async () => {
    const { port } = await startEcho();
    const { channel } = await connect(port);
    assert.equal(await ask(channel, ''), 'SERVING');
    assert.equal(await ask(channel, SERVICE), 'SERVING');
    await assert.rejects(ask(channel, 'malla.users.v1.UsersService'), { code: 5 });
  });

  it('follows the readiness check, and logs each change once with its cause', async () => {
    let fault: Error | undefined = new Error('the database is away');
    const { port, lines } = await startEcho(
      {},
      {
        healthCheckIntervalMs: 10,
        readiness: async () => {
          if (fault) throw fault;
        },
      },
    );
    const { channel } = await connect(port);
    assert.equal(await ask(channel, SERVICE), 'NOT_SERVING');
    const changes = observe(channel, SERVICE)[Symbol.asyncIterator]();
    assert.equal((await changes.next()).value.status, 'NOT_SERVING');
    fault = undefined;
    assert.equal((await changes.next()).value.status, 'SERVING');
    fault = new Error('away again');
    assert.equal((await changes.next()).value.status, 'NOT_SERVING');
    await changes.return?.();
    const messages = lines.map((line) => JSON.parse(line)).map(({ msg, err }) => [msg, err?.message]);
    assert.deepEqual(messages, [
      ['not serving', 'the database is away'],
      ['serving', undefined],
      ['not serving', 'away again'],
    ]);
  });

  it('says NOT_SERVING when the readiness check throws at once or never ends', async () => {
    for (const readiness of [
      () => {
        throw new Error('no promise');
      },
      () => new Promise<void>(() => undefined),
    ]) {
      const { port } = await startEcho({}, { readiness, healthCheckIntervalMs: 20 });
      const { channel } = await connect(port);
      assert.equal(await ask(channel, ''), 'NOT_SERVING');
    }
  });

  it('says NOT_SERVING while it drains, and a watcher does not hold the stop', async () => {
    const { server, port } = await startEcho();
    const { channel } = await connect(port);
    const changes = observe(channel, '')[Symbol.asyncIterator]();
    assert.equal((await changes.next()).value.status, 'SERVING');
    const startMs = performance.now();
    const stopped = server.stop(5_000);
    assert.equal((await changes.next()).value.status, 'NOT_SERVING');
    await stopped;
    assert.ok(performance.now() - startMs < 2_000);
  });
});
