import type { App } from '../arrival/app-types.ts';
import { HttpProblem } from '../problems/problem.ts';

/** From the end of the headers to the end of the body. */
const BODY_TIMEOUT_MS = 30_000;

/**
 * Refuses bodies that take too long, over HTTP/1.1 and HTTP/2 alike. Only for bodies that are read as a whole: a stream may
 * take as long as its call. Where the answer was given without the body, there is nobody left to refuse it: the request ends.
 */
export function addBodyTimeout(app: App, timeoutMs = BODY_TIMEOUT_MS): void {
  app.addHook('preParsing', (request, reply, payload, done) => {
    const { raw } = request;
    if (raw.readableEnded || !hasBody(request.headers)) return done();
    const timer = setTimeout(() => {
      const isRead = !reply.sent && payload.listenerCount('error') > 0;
      if (isRead) payload.emit('error', new HttpProblem(408, 'REQUEST_TIMEOUT', 'The body did not arrive in time.'));
      else raw.destroy();
    }, timeoutMs);
    raw.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
    done();
  });
}

function hasBody(headers: Readonly<Record<string, unknown>>): boolean {
  return headers['content-type'] !== undefined && headers['content-length'] !== '0';
}
