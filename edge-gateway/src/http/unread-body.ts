import type { IncomingMessage } from 'node:http';
import { constants, type Http2ServerRequest } from 'node:http2';
import type { App } from './app-types.ts';

/** HTTP/1.1 comes in by the same server. */
type RawRequest = IncomingMessage | Http2ServerRequest;

/** How much more of a body is taken, and for how long, so that its connection can be used again. */
const REST = { bytesMax: 1024 * 1024, timeoutMs: 2_000 };

/**
 * Deals with what is left of a body that was answered before its end, as an import with a bad line is: over HTTP/1.1 a little
 * more is read and thrown away, and a connection that brings more than that is closed; over HTTP/2 the client is told to send
 * no more (RFC 9113, section 8.1).
 */
export function addUnreadBodies(app: App, rest = REST): void {
  app.addHook('onSend', (request, _reply, _payload, done) => {
    const raw = request.raw as RawRequest;
    if ('stream' in raw) stop(raw);
    done();
  });
  app.addHook('onResponse', (request, _reply, done) => {
    const raw = request.raw as RawRequest;
    if (!('stream' in raw) && raw.complete === false) discard(raw, rest);
    done();
  });
}

/** The stream itself tells when the answer is on its way: a response of HTTP/2 has ended only when the request has. */
function stop(raw: Http2ServerRequest): void {
  const { stream } = raw;
  if (raw.readableEnded || stream.endAfterHeaders) return;
  stream.once('finish', () => {
    if (!raw.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
  });
}

function discard(raw: IncomingMessage, { bytesMax, timeoutMs }: typeof REST): void {
  const { socket } = raw;
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  let left = bytesMax;
  raw.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) socket.destroy();
  });
  raw.once('close', () => clearTimeout(timer));
}
