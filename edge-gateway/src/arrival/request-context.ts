import { randomUUID } from 'node:crypto';
import { isRequestId } from '@malla/chassis/metadata';
import { HttpProblem } from '../problems/problem.ts';
import type { App } from './app-types.ts';

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The id of a request: the client's own when it is sane, else a new one. */
export function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && isRequestId(given) ? given : randomUUID();
}

/** Gives each request its trace, and answers its id. */
export function addRequestContext(app: App): void {
  app.decorateRequest('traceparent', '');
  app.addHook('onRequest', (request, reply, done) => {
    const given = request.headers.traceparent;
    request.traceparent = typeof given === 'string' && TRACEPARENT.test(given) ? given : newTrace();
    reply.header('x-request-id', request.id);
    done(request.host === '' && request.raw.httpVersion === '1.1' ? hostMissing() : undefined);
  });
}

function hostMissing(): HttpProblem {
  return new HttpProblem(400, 'HOST_MISSING', 'HTTP/1.1 requires the Host header (RFC 9112, section 3.2).');
}

/** A new trace (W3C Trace Context), not sampled: who samples says so. */
function newTrace(): string {
  return `00-${randomHex()}-${randomHex().slice(16)}-00`;
}

function randomHex(): string {
  return randomUUID().replaceAll('-', '');
}
