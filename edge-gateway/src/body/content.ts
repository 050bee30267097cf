import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { App, Request } from '../arrival/app-types.ts';
import { HttpProblem } from '../problems/problem.ts';

/** HTTP/1.1 comes in by the same server. */
type RawRequest = IncomingMessage | Http2ServerRequest;

/** How long the first byte of content is waited for where the head does not say whether there is any. What comes later is unread. */
const ARRIVAL_WAIT_MS = 1_000;

/**
 * Whether a request has content (RFC 9110, section 6.4), over HTTP/1.1 and HTTP/2 alike: a media type alone is none, nor is a length
 * of 0, nor a body of no bytes. Where the head does not say, what comes first is waited for, and is lost to later readers.
 */
async function hasContent(request: Request): Promise<boolean> {
  const raw = request.raw as RawRequest;
  const { 'content-length': length, 'transfer-encoding': coding } = raw.headers;
  if (length !== undefined) return Number(length) > 0;
  if (raw.readableEnded || ('stream' in raw ? raw.stream.endAfterHeaders : coding === undefined)) return false;
  return await firstOf(raw);
}

function firstOf(raw: RawRequest): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (found: boolean) => () => {
      clearTimeout(timer);
      raw.off('data', onData).off('end', onEnd).off('close', onEnd);
      raw.pause();
      resolve(found);
    };
    const onData = settle(true);
    const onEnd = settle(false);
    const timer = setTimeout(onEnd, ARRIVAL_WAIT_MS);
    raw.on('data', onData).on('end', onEnd).on('close', onEnd);
  });
}

/** Refuses content where none is taken, before anything is answered. */
export function refuseContent(app: App, refusal: () => HttpProblem): void {
  app.addHook('preParsing', async (request) => {
    if (await hasContent(request)) throw refusal();
  });
}

/** Refuses content that does not name its media type, which no parser would read (RFC 9110, section 8.3). */
export function refuseUnnamedContent(app: App, words: string): void {
  app.addHook('preParsing', async (request) => {
    if (request.headers['content-type'] !== undefined || !(await hasContent(request))) return;
    throw new HttpProblem(415, 'MEDIA_TYPE_UNSUPPORTED', words);
  });
}

/**
 * Refuses compressed content: a small body could become a large one (RFC 9110, section 12.5.3), and what is signed is signed as it
 * was sent.
 */
export function refuseContentEncodings(app: App): void {
  app.addHook('preParsing', (request, _reply, _payload, done) => {
    const encodings = (request.headers['content-encoding'] ?? 'identity').split(',');
    done(
      encodings.every((encoding) => encoding.trim().toLowerCase() === 'identity') ? undefined : encodingUnsupported(),
    );
  });
}

function encodingUnsupported(): HttpProblem {
  return new HttpProblem(415, 'CONTENT_ENCODING_UNSUPPORTED', 'The body must not be compressed.', {
    headers: { 'accept-encoding': 'identity' },
  });
}
