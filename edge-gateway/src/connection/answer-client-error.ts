import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Routing } from '../arrival/routing.ts';
import { HEADERS_TOO_LARGE, HttpProblem } from '../problems/problem.ts';
import { writeProblem } from './write-problem.ts';

/** The problems of Node's HTTP/1.1 parser, by its error code. */
const FAILURES: Readonly<Record<string, readonly [statusCode: number, reason: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: HEADERS_TOO_LARGE,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'BODY_TOO_LARGE', 'The chunk extensions are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'REQUEST_TIMEOUT', 'The request did not arrive in time.'],
};
const MALFORMED = [400, 'REQUEST_MALFORMED', 'The request is not HTTP/1.1.'] as const;

/** A failure of Node's parser, with the bytes that it had and how far it came. */
interface ParserError extends Error {
  readonly code?: string;
  /** A Buffer. */
  readonly rawPacket?: unknown;
  readonly bytesParsed?: number;
}

/** Answers what the HTTP/1.1 parser refuses, which never becomes a request, with problem details. */
export function answerClientError(error: ParserError, socket: Duplex, routing: Routing): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = methodProblem(error, routing) ?? new HttpProblem(...(FAILURES[error.code ?? ''] ?? MALFORMED));
  writeProblem(socket, problem, randomUUID());
}

const REQUEST_LINE = /^([!#$%&'*+.^`|~\w-]+) (\/\S*) HTTP\/1\.[01]\r?\n/;
const LINE_BYTES_MAX = 16 * 1_024;

/** The parser knows a list of methods. Another, where it begins a request line, is answered as over HTTP/2. */
function methodProblem({ code, rawPacket, bytesParsed = 0 }: ParserError, routing: Routing): HttpProblem | undefined {
  if (code !== 'HPE_INVALID_METHOD' || !Buffer.isBuffer(rawPacket)) return undefined;
  const begin = rawPacket.subarray(0, bytesParsed).lastIndexOf('\n') + 1;
  const line = REQUEST_LINE.exec(rawPacket.toString('latin1', begin, begin + LINE_BYTES_MAX));
  return line ? routing.refusal({ method: line[1], url: line[2] }) : undefined;
}
