import { randomUUID } from 'node:crypto';
import { Client, Metadata } from '@grpc/grpc-js';
import { METADATA } from '@malla/chassis/metadata';
import { channelCredentials, loadMeshTls } from '@malla/chassis/tls';
import { readFiles } from './files.ts';

const asIs = (bytes: Buffer) => bytes;
/** The bytes of the request message, by path. */
const REQUESTS: Readonly<Record<string, Buffer>> = {
  '/malla.testing.v1.BenchService/GetItem': Buffer.from([0x0a, 0x01, 0x31]),
  '/malla.testing.v1.BenchService/ListItems': Buffer.alloc(0),
};
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
const REQUEST_ID = randomUUID();

/**
 * What the gateway's own call costs at the least: a grpc-js client, retries off, and nothing else. It sends what a call of the
 * gateway sends, over mutual TLS as well: a request of the same size, a deadline, and the metadata that a service needs of every
 * call.
 */
export function bareCaller(upstreamPort: string | undefined): (path: string) => Promise<void> {
  const client = new Client(
    `dns:///127.0.0.1:${upstreamPort}`,
    channelCredentials(loadMeshTls(readFiles('edge-gateway'))),
    {
      'grpc.ssl_target_name_override': 'svc-testing',
      'grpc.enable_retries': 0,
      'grpc.service_config_disable_resolution': 1,
    },
  );
  return (path) => {
    const request = REQUESTS[path];
    if (!request) throw new Error(`${path} is not to be called`);
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + 5_000;
      client.makeUnaryRequest(path, asIs, asIs, request, callMetadata(), { deadline }, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  };
}

function callMetadata(): Metadata {
  const metadata = new Metadata();
  metadata.set(METADATA.requestId, REQUEST_ID);
  metadata.set(METADATA.traceparent, TRACEPARENT);
  metadata.set(METADATA.originAddress, '127.0.0.1');
  metadata.set(METADATA.originUserAgent, '');
  return metadata;
}
