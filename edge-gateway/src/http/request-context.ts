import { randomBytes, randomUUID } from 'node:crypto';
import type { App } from './app-types.ts';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The id of a request: the client's own when it is sane, else a new one. */
export function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Gives each request its trace, and answers its id. */
export function addRequestContext(app: App): void {
  app.decorateRequest('traceparent', '');
  app.addHook('onRequest', (request, reply, done) => {
    const given = request.headers.traceparent;
    request.traceparent = typeof given === 'string' && TRACEPARENT.test(given) ? given : newTrace();
    reply.header('x-request-id', request.id);
    done();
  });
}

/** A new trace (W3C Trace Context), not sampled: who samples says so. */
function newTrace(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
}
