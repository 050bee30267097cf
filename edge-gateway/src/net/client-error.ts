import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { HttpProblem } from '../http/problem.ts';
import { writeProblem } from './raw-problem.ts';

/** What Node's HTTP/1.1 parser found, by its error code. */
const FAILURES: Readonly<Record<string, readonly [statusCode: number, reason: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'HEADERS_TOO_LARGE', 'The headers are larger than 16 KiB.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'BODY_TOO_LARGE', 'The chunk extensions are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'REQUEST_TIMEOUT', 'The request did not arrive in time.'],
};
const MALFORMED = [400, 'REQUEST_MALFORMED', 'The request is not HTTP/1.1.'] as const;

/** Answers what the HTTP/1.1 parser refuses, which never becomes a request, with problem details. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  writeProblem(socket, new HttpProblem(...(FAILURES[error.code ?? ''] ?? MALFORMED)), randomUUID());
}
