import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type HttpProblem, PROBLEM_TYPE, problemDetails } from '../problems/problem.ts';
import { endAndDestroy } from './end-and-destroy.ts';

/** Writes problem details to a bare connection, as HTTP/1.1, and destroys it within a bounded time. */
export function writeProblem(socket: Duplex, problem: HttpProblem, requestId: string): void {
  const body = JSON.stringify(problemDetails(problem, '/', requestId));
  const head = [
    `HTTP/1.1 ${problem.statusCode} ${STATUS_CODES[problem.statusCode]}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    `X-Request-Id: ${requestId}`,
    ...Object.entries(problem.headers).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
  ];
  endAndDestroy(socket, `${head.join('\r\n')}\r\n\r\n${body}`);
}
