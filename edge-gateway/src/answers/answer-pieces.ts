import { Readable } from 'node:stream';
import type { onSendHookHandler } from 'fastify';
import type { App } from '../arrival/app-types.ts';

/** About a TLS record. Node holds up to 6 of them for a client, and sees that they were taken when all were. */
const PIECE_BYTES = 16 * 1024;

/**
 * Writes large answers piece by piece, each when the last was taken: what a client does not read is neither copied into the
 * connection's buffers, nor taken for a stalled answer while the client reads it slowly. Add it after compression.
 */
export function addAnswerPieces(app: App): void {
  app.addHook('onRoute', (route) => {
    route.onSend = [route.onSend ?? [], inPieces as never].flat() as NonNullable<typeof route.onSend>;
  });
}

const inPieces: onSendHookHandler<unknown> = (_request, reply, payload, done) => {
  const isText = typeof payload === 'string';
  if ((!isText && !Buffer.isBuffer(payload)) || payload.length <= PIECE_BYTES) return done(null, payload);
  const bytes = isText ? Buffer.from(payload) : payload;
  reply.header('content-length', bytes.length);
  done(null, Readable.from(piecesOf(bytes), { objectMode: false, highWaterMark: PIECE_BYTES }));
};

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) yield bytes.subarray(start, start + PIECE_BYTES);
}
