import { type IncomingMessage, METHODS } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { HttpProblem, pathMalformed } from '../problems/problem.ts';
import { type PathTemplate, parsePathTemplate } from '../transcoding/routing/path-template.ts';
import { createRouteTable, type RouteOutcome } from '../transcoding/routing/route-table.ts';

/** Kept at the request itself: a WeakMap of many short-lived keys costs the garbage collector dearly. */
const ROUTED = Symbol('routed');

type RawRequest = Pick<IncomingMessage | Http2ServerRequest, 'method' | 'url'> & { [ROUTED]?: Routed };

/** The destination of a request: the outcome of the table, and the query. */
export interface Routed {
  readonly method: string;
  readonly outcome: RouteOutcome<string>;
  /** The path as it was sent. */
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly query: string;
}

/**
 * Finds the route of each request by its path template. Fastify's own router knows no templates, so each route is given to it
 * under a plain name, and `rewriteUrl` puts that name in place of the request's URL. What the table does not find gets a name
 * that no route has: no client reaches a route by its name.
 */
export interface Routing {
  /** Adds a route. @returns its name. @throws RouteCollisionError naming the owners of both routes. */
  add(method: string, template: PathTemplate, owner: string): string;
  /** Adds one of the gateway's own pages, whose name is its path. */
  addPage(method: string, path: string): void;
  /** Fastify's `rewriteUrl`. */
  rewriteUrl(request: RawRequest): string;
  /** Returns the result of `rewriteUrl`. */
  routed(request: RawRequest): Routed;
  /** Returns the problem of a request that has no route. @throws never */
  refusal(request: RawRequest): HttpProblem;
}

const NOWHERE = '/-/nowhere';
const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);

/** Makes an empty routing. */
export function createRouting(): Routing {
  const table = createRouteTable<string>();
  const routed = (request: RawRequest) => request[ROUTED] ?? route(request.method ?? '', request.url ?? '');
  const route = (method: string, url: string): Routed => {
    const { path, query } = splitUrl(url);
    return { method, outcome: table.find(method, path), path, query };
  };
  let routes = 0;
  return {
    add: (method, template, owner) => {
      routes += 1;
      const name = `/-/${routes}`;
      table.add(method, template, owner, name);
      return name;
    },
    addPage: (method, path) => table.add(method, parsePathTemplate(path), 'the gateway', path),
    rewriteUrl: (request) => {
      const result = route(request.method ?? '', request.url ?? '');
      request[ROUTED] = result;
      const found = result.outcome.kind === 'found' && KNOWN_METHODS.has(result.method);
      if (!found && !isOrdinary(result.method)) (request as IncomingMessage).method = 'TRACE';
      return found && result.outcome.kind === 'found' ? result.outcome.target : NOWHERE;
    },
    routed,
    refusal: (request) => refusalOf(routed(request).outcome),
  };
}

/**
 * Returns true when Fastify can answer a method that has no route. HTTP/2 carries any method, and Fastify's router breaks on one that
 * Node's HTTP/1.1 parser does not know; of a QUERY it demands the type of its content before it looks.
 */
function isOrdinary(method: string): boolean {
  return KNOWN_METHODS.has(method) && method !== 'QUERY';
}

/** Splits a URL in origin form, or in absolute form as proxies send it (RFC 9112, section 3.2). */
export function splitUrl(url: string): { path: string; query: string } {
  const relative = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '');
  const mark = relative.indexOf('?');
  return mark < 0 ? { path: relative, query: '' } : { path: relative.slice(0, mark), query: relative.slice(mark + 1) };
}

/** The path of a URL without its query and the custom verb of its route: that of the resource itself. */
export function requestPath(url: string, verb = ''): string {
  const { path } = splitUrl(url);
  return verb === '' ? path : path.slice(0, path.lastIndexOf(':'));
}

function refusalOf(outcome: RouteOutcome<string>): HttpProblem {
  if (outcome.kind === 'malformed') return pathMalformed();
  // A route that takes every method, and one that nobody knows.
  if (outcome.kind === 'found') return new HttpProblem(501, 'METHOD_UNKNOWN', 'The HTTP method is unknown.');
  if (outcome.kind !== 'method-not-allowed')
    return new HttpProblem(404, 'ROUTE_NOT_FOUND', 'No resource exists at this path.');
  const allow = outcome.allow.join(', ');
  return new HttpProblem(405, 'METHOD_NOT_ALLOWED', `This path allows ${allow}.`, { headers: { allow } });
}
