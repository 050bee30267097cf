import { TranscodingError } from './faults.ts';

const NEWLINE = 0x0a;
const LINE_BYTES_MAX = 1024 * 1024;
const BLANK = /^[ \t\r]*$/;

/**
 * Splits bytes that arrive in chunks into lines. Blank lines are left out.
 * @throws TranscodingError when a line is longer than 1 MiB.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
      const line = Buffer.concat([...parts, rest.subarray(0, at)]);
      if (line.length > LINE_BYTES_MAX) throw tooLong();
      if (!BLANK.test(line.toString('latin1'))) yield line;
      parts = [];
      length = 0;
      rest = rest.subarray(at + 1);
    }
    parts.push(rest);
    length += rest.length;
    if (length > LINE_BYTES_MAX) throw tooLong();
  }
  const last = Buffer.concat(parts);
  if (!BLANK.test(last.toString('latin1'))) yield last;
}

function tooLong(): TranscodingError {
  return new TranscodingError('LINE_TOO_LONG', 'A line of the body is longer than 1 MiB.');
}
