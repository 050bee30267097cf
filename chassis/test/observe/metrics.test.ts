import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EchoStreamRequest } from '@malla/proto/malla/testing/v1/echo_service';
import { callServerStream } from '../../src/client/stream-call.ts';
import { DomainError } from '../../src/lib/errors.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { createMetrics, type GaugeSource } from '../../src/observe/metrics.ts';
import { connect, rpcOf, startEcho } from '../support/echo.ts';

const log = createLogger('svc-echo', 'silent');

describe('metrics', () => {
  it('count calls as go-grpc-prometheus does, and how long they took', async () => {
    const { metrics, read } = start();
    const echo = async ({ text }: { text: string }) => {
      if (text === 'bad') throw new DomainError('precondition', 'BAD', 'bad');
      return { text, number: 0n, caller: '' };
    };
    const { port } = await startEcho({ echo }, { metrics });
    const { channel, client } = await connect(port);
    await client.echo({ text: 'good', number: 1n });
    await client.echo({ text: 'bad', number: 1n }).catch(() => undefined);
    const request = EchoStreamRequest.encode(EchoStreamRequest.fromPartial({ text: 'a', count: 2 })).finish();
    for await (const _ of callServerStream(channel, rpcOf('EchoStream'), request));
    const text = await read();
    const of = 'grpc_service="malla.testing.v1.EchoService"';
    const unary = `grpc_type="unary",${of},grpc_method="Echo"`;
    assert.match(text, line(`grpc_server_started_total{${unary}} 2`));
    assert.match(text, line(`grpc_server_handled_total{${unary},grpc_code="OK"} 1`));
    assert.match(text, line(`grpc_server_handled_total{${unary},grpc_code="FailedPrecondition"} 1`));
    assert.match(text, line(`grpc_server_handling_seconds_count{${unary},grpc_code="OK"} 1`));
    assert.match(text, line(`grpc_server_handling_seconds_count{${unary},grpc_code="FailedPrecondition"} 1`));
    assert.match(
      text,
      /grpc_server_handled_total\{grpc_type="server_stream",.*grpc_method="EchoStream",grpc_code="OK"\} 1/,
    );
    assert.match(text, /^process_cpu_seconds_total /m);
  });

  it('look gauges up when they are read but not every time, and leave out those that cannot be', async () => {
    const { metrics, read } = start();
    let value = 3;
    let looks = 0;
    const gauge = (name: string, readIt: GaugeSource['read'], labelNames: string[] = [], ageMsMax = 10_000) =>
      metrics.gauge({ name, help: 'for a test', labelNames, ageMsMax, read: readIt });
    gauge('test_size', async () => [{ value }], [], 0);
    gauge('test_looks', async () => [{ value: ++looks }]);
    gauge('test_sizes', async () => [{ labels: { kind: 'a' }, value: 1 }], ['kind']);
    gauge('test_broken', async () => Promise.reject(new Error('away')));
    const { server } = await startEcho({}, { metrics });
    assert.match(await read(), /^test_size 3$/m);
    value = 4;
    const text = await read();
    assert.match(text, /^test_size 4$/m);
    assert.match(text, /^test_looks 1$/m);
    assert.match(text, /^test_sizes\{kind="a"\} 1$/m);
    assert.doesNotMatch(text, /^test_broken /m);
    await server.stop(0);
    await assert.rejects(read());
  });

  it('answer nothing else, and are not there without a port', async () => {
    const { metrics } = start();
    await startEcho({}, { metrics });
    assert.equal((await fetch(`http://127.0.0.1:${metrics.port}/`)).status, 404);
    assert.equal((await fetch(`http://127.0.0.1:${metrics.port}/metrics`, { method: 'POST' })).status, 404);
    assert.equal(createMetrics({ METRICS_HOST: '127.0.0.1' }, log), undefined);
  });

  it('do not let a process start whose port is taken, and are not left behind by one that could not start', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const metrics = createMetrics({ METRICS_HOST: '127.0.0.1', METRICS_PORT: port }, log);
    await assert.rejects(startEcho({}, { metrics }), { code: 'EADDRINUSE' });
    other.close();
    const { metrics: mine, read } = start();
    const { port: taken } = await startEcho({}, {});
    await assert.rejects(startEcho({}, { metrics: mine, port: taken }));
    await assert.rejects(read());
  });
});

/** Metrics on a free port, which is known once they listen. */
function start() {
  const metrics = createMetrics({ METRICS_HOST: '127.0.0.1', METRICS_PORT: 0 }, log);
  assert.ok(metrics);
  const read = async () => (await fetch(`http://127.0.0.1:${metrics.port}/metrics`)).text();
  return { metrics, read };
}

/** Matches a line. */
function line(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[{}.]/g, '\\$&')}$`, 'm');
}
