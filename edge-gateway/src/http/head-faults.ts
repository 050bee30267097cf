import type { App } from './app-types.ts';
import { type HttpProblem, headerProblem } from './problem.ts';

/** Headers of which a request has one at most: two of them mean one thing here and another at whoever reads the last. */
const SINGLE = ['host', 'authorization'];
/** A host and a port (RFC 9110, section 7.2): no user, path, or white space. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[^\s@/?#[\]:\\]+)(?::\d{0,5})?$/i;

/** Refuses requests whose head means more than one thing. */
export function addHeadFaults(app: App): void {
  app.addHook('onRequest', (request, _reply, done) => {
    done(faultOf(request.raw.rawHeaders, request.headers.host ?? request.headers[':authority']));
  });
}

function faultOf(raw: readonly string[] | undefined, host: string | string[] | undefined): HttpProblem | undefined {
  for (const name of SINGLE) {
    if (countOf(raw ?? [], name) > 1) return headerProblem(400, 'HEADER_REPEATED', name, `A request has one ${name}.`);
  }
  if (typeof host !== 'string' || host === '' || HOST.test(host)) return undefined;
  return headerProblem(400, 'HOST_MALFORMED', 'host', 'The Host is a name or an address, with a port at most.');
}

function countOf(raw: readonly string[], name: string): number {
  let count = 0;
  for (let at = 0; at < raw.length; at += 2) if (raw[at]?.toLowerCase() === name) count += 1;
  return count;
}
