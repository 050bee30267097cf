import { HTTP_LIMITS } from '../connection/http-limits.ts';
import { HEADERS_TOO_LARGE, HttpProblem, headerProblem } from '../problems/problem.ts';
import type { App, Request } from './app-types.ts';

/** Headers of which a request has one at most: two of them mean one thing here and another at whoever reads the last. */
const SINGLE = ['host', 'authorization'];
/** The separators of HTTP/1.1 after a name and after a value: a colon and a space, and a line end. */
const SEPARATOR_BYTES = 2;
/** A host and a port (RFC 9110, section 7.2): no user, path, or white space. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[^\s@/?#[\]:\\]+)(?::\d{0,5})?$/i;

/** Refuses requests whose head means more than one thing, or over HTTP/2 is larger than one of HTTP/1.1 may be. */
export function addHeadFaults(app: App): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { rawHeaders } = request.raw;
    done(tooLarge(request) ?? faultOf(rawHeaders, request.headers.host ?? request.headers[':authority']));
  });
}

/** The parser of HTTP/1.1 refuses such a head by itself. */
function tooLarge({ raw }: Request): HttpProblem | undefined {
  if (raw.httpVersionMajor < 2) return undefined;
  const bytes = raw.rawHeaders.reduce((sum, text) => sum + text.length + SEPARATOR_BYTES, 0);
  return bytes <= HTTP_LIMITS.server.maxHeaderSize ? undefined : new HttpProblem(...HEADERS_TOO_LARGE);
}

function faultOf(raw: readonly string[] | undefined, host: string | string[] | undefined): HttpProblem | undefined {
  for (const name of SINGLE) {
    if (countOf(raw ?? [], name) > 1)
      return headerProblem(400, 'HEADER_REPEATED', name, `The ${name} header must appear once.`);
  }
  if (typeof host !== 'string' || host === '' || HOST.test(host)) return undefined;
  return headerProblem(400, 'HOST_MALFORMED', 'host', 'Host must be a name or an address, with an optional port.');
}

function countOf(raw: readonly string[], name: string): number {
  let count = 0;
  for (let at = 0; at < raw.length; at += 2) if (raw[at]?.toLowerCase() === name) count += 1;
  return count;
}
