import { constants, type Http2SecureServer, type Http2ServerRequest, type ServerHttp2Stream } from 'node:http2';

/**
 * How much more of a body is taken after its answer before the stream is reset, how long each piece of it may be in coming, and
 * how long all of it. httpx waits in vain for leave to send the rest of a body when the stream is reset under it, so what is
 * not much over the limit of a body is taken to its end.
 */
const REST = { bytesMax: 4 * 1024 * 1024, idleMs: 2_000, timeoutMs: 30_000 };
const END_CHECK_MS = 50;

/**
 * Ends every answer over HTTP/2 that is given before the end of the body as RFC 9113, section 8.1, demands: END_STREAM goes out
 * first, and RST_STREAM with NO_ERROR follows only when the client does not end its body soon. Node by itself resets a stream
 * whose body nobody reads together with the answer, and the reset overtakes END_STREAM. Strict clients then report a broken
 * connection in place of the answer. This holds for whatever answers, Fastify or Node, since it lies at the server.
 */
export function endEarlyAnswers(server: Http2SecureServer, rest = REST): void {
  const watch = ({ stream }: Http2ServerRequest) => {
    // HTTP/1.1 comes in by the same server.
    if (!stream || stream.endAfterHeaders) return;
    stream.once('finish', () => discardRest(stream, rest));
  };
  server.prependListener('request', watch);
  server.prependListener('checkExpectation', watch);
}

/** Reads on without keeping anything: a stream that is read is not reset by Node. */
function discardRest(stream: ServerHttp2Stream, { bytesMax, idleMs, timeoutMs }: typeof REST): void {
  if (stream.readableEnded || stream.destroyed) return;
  let left = bytesMax;
  const reset = () => {
    clearTimeout(total);
    clearTimeout(idle);
    stream.pause();
    resetAfterEnd(stream);
  };
  const total = setTimeout(reset, timeoutMs);
  const idle = setTimeout(reset, idleMs);
  stream.once('close', () => {
    clearTimeout(total);
    clearTimeout(idle);
  });
  // The request that Node makes of the stream pauses it once nobody reads that.
  stream.removeAllListeners('data');
  stream.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) reset();
    else idle.refresh();
  });
  stream.resume();
}

/** The client's window may hold the end of the answer back. */
function resetAfterEnd(stream: ServerHttp2Stream): void {
  if (stream.destroyed) return;
  if (stream.state.localClose === 1) stream.close(constants.NGHTTP2_NO_ERROR);
  else setTimeout(() => resetAfterEnd(stream), END_CHECK_MS);
}
