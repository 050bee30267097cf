import { once } from 'node:events';
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import type { MeshTls } from '../../src/identity/tls.ts';
import { afterThisTest } from './cleanup.ts';

/** An HTTP/2 connection to a gRPC server without grpc-js, to send what that would not. */
export function connectRaw(port: number, tls: MeshTls): ClientHttp2Session {
  const session = connect(`https://127.0.0.1:${port}`, { ...tls, servername: 'svc-echo' });
  session.on('error', () => undefined);
  afterThisTest(() => session.destroy());
  return session;
}

/** Makes one call and waits for its end. @returns the headers and trailers it was answered with, together. */
export async function callRaw(
  session: ClientHttp2Session,
  path: string,
  body: Buffer,
  headers: OutgoingHttpHeaders = {},
) {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  const answer: Record<string, unknown> = {};
  stream.on('response', (received) => Object.assign(answer, received));
  stream.on('trailers', (received) => Object.assign(answer, received));
  stream.on('error', (error) => Object.assign(answer, { error }));
  stream.end(body);
  stream.resume();
  if (!stream.closed) await once(stream, 'close').catch(() => undefined);
  return answer;
}

/** A message as gRPC frames it. */
export function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
