import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { App } from '../arrival/app-types.ts';

/** The limits of the rest of a body that is read and thrown away, so that its connection can be reused. */
const REST = { bytesMax: 1024 * 1024, timeoutMs: 2_000 };

/**
 * Deals with what is left of a body over HTTP/1.1 that was answered before its end, as an import with a bad line is: a little
 * more is read and thrown away, and a connection that brings more than that is closed. HTTP/2 is dealt with by `endEarlyAnswers`.
 */
export function addUnreadBodies(app: App, rest = REST): void {
  app.addHook('onResponse', (request, _reply, done) => {
    const raw = request.raw as IncomingMessage | Http2ServerRequest;
    if (!('stream' in raw) && raw.complete === false) discard(raw, rest);
    done();
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
