import type { ServerResponse } from 'node:http';
import {
  constants,
  type Http2SecureServer,
  type Http2ServerResponse,
  type Http2Session,
  type ServerHttp2Stream,
} from 'node:http2';

const CHECKS_PER_TIMEOUT = 10;

/** An answer that is being written. */
interface OpenAnswer {
  /** The bytes that wait for the client. */
  pendingBytes(): number;
  breakOff(): void;
}

/** The state of an answer that waits. */
interface Wait {
  readonly bytes: number;
  readonly sinceMs: number;
}

/**
 * Breaks off each answer of which a client has taken nothing for a while although bytes of it wait, over HTTP/1.1 and HTTP/2
 * alike: neither a closed window (RFC 9113, section 6.9) nor a connection that nobody reads holds an answer in memory for
 * longer. A stream of events that has nothing to send waits for nothing.
 */
export function breakOffUnreadAnswers(server: Http2SecureServer, timeoutMs: number): void {
  const open = new Map<OpenAnswer, Wait | undefined>();
  server.prependListener('request', (_request: unknown, response: ServerResponse | Http2ServerResponse) => {
    const answer = 'stream' in response ? http2Answer(response.stream, timeoutMs) : http1Answer(response);
    open.set(answer, undefined);
    response.once('close', () => open.delete(answer));
    // Between two checks as many bytes may have been added as were taken.
    response.on('drain', () => {
      if (open.has(answer)) open.set(answer, undefined);
    });
  });
  const timer = setInterval(() => {
    const nowMs = performance.now();
    for (const [answer, wait] of open) {
      const bytes = answer.pendingBytes();
      if (bytes === 0) open.set(answer, undefined);
      else if (bytes !== wait?.bytes) open.set(answer, { bytes, sinceMs: nowMs });
      else if (nowMs - wait.sinceMs >= timeoutMs) {
        open.delete(answer);
        answer.breakOff();
      }
    }
  }, timeoutMs / CHECKS_PER_TIMEOUT);
  timer.unref();
  server.once('close', () => clearInterval(timer));
}

function http1Answer(response: ServerResponse): OpenAnswer {
  return {
    // One without a connection waits for the answer before it (RFC 9112, section 9.3.2), and not for the client.
    pendingBytes: () => (response.socket ? response.writableLength : 0),
    breakOff: () => response.destroy(),
  };
}

function http2Answer(stream: ServerHttp2Stream, timeoutMs: number): OpenAnswer {
  return {
    pendingBytes: () => stream.bufferSize,
    breakOff: () => {
      const { session } = stream;
      stream.close(constants.NGHTTP2_CANCEL);
      stream.destroy();
      if (session) destroyWhenDeaf(session, timeoutMs);
    },
  };
}

/** A client that closed the window of one stream may read the others; one that reads nothing at all does not hear a PING. */
function destroyWhenDeaf(session: Http2Session, timeoutMs: number): void {
  if (session.destroyed) return;
  const timer = setTimeout(() => session.destroy(), timeoutMs);
  if (!session.ping(() => clearTimeout(timer))) session.destroy();
  session.once('close', () => clearTimeout(timer));
}
