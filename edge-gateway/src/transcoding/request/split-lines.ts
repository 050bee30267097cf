import { TranscodingError } from '../faults.ts';

const NEWLINE = 0x0a;
/** The longest line. */
export const LINE_BYTES_MAX = 1024 * 1024;
const BLANK = /^[ \t\r]*$/;

/**
 * Splits bytes that arrive in chunks into lines. Blank lines are left out; what is wrong with a line that is longer than 1 MiB
 * comes in its place, as soon as it is.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer | TranscodingError, void, undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = rest.indexOf(NEWLINE); ; at = rest.indexOf(NEWLINE)) {
      const piece = at < 0 ? rest : rest.subarray(0, at);
      const wasTooLong = length > LINE_BYTES_MAX;
      length += piece.length;
      if (length <= LINE_BYTES_MAX) parts.push(piece);
      else if (!wasTooLong) yield tooLong();
      if (at < 0) break;
      if (length <= LINE_BYTES_MAX) yield* unlessBlank(parts);
      parts = [];
      length = 0;
      rest = rest.subarray(at + 1);
    }
  }
  if (length <= LINE_BYTES_MAX) yield* unlessBlank(parts);
}

function* unlessBlank(parts: readonly Buffer[]): Generator<Buffer> {
  const line = Buffer.concat(parts);
  if (!BLANK.test(line.toString('latin1'))) yield line;
}

function tooLong(): TranscodingError {
  return new TranscodingError('LINE_TOO_LONG', 'A line of the body is longer than 1 MiB.');
}
