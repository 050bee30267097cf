import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Http2SecureServer } from 'node:http2';
import { requestPath } from '../arrival/routing.ts';
import { HttpProblem, PROBLEM_TYPE, problemDetails } from '../problems/problem.ts';

/** Answers a request that expects something other than `100-continue` with problem details (RFC 9110, section 10.1.1). */
export function refuseExpectations(server: Http2SecureServer | Server): void {
  server.on('checkExpectation', ({ url = '/' }: IncomingMessage, response: ServerResponse) => {
    const problem = new HttpProblem(417, 'EXPECTATION_FAILED', 'Expect must be 100-continue.');
    const requestId = randomUUID();
    const body = JSON.stringify(problemDetails(problem, requestPath(url), requestId));
    response.writeHead(problem.statusCode, {
      'content-type': PROBLEM_TYPE,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-request-id': requestId,
    });
    response.end(body);
  });
}
