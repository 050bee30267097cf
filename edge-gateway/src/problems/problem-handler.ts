import type { App, Reply, Request } from '../arrival/app-types.ts';
import { type Routing, requestPath } from '../arrival/routing.ts';
import { requestType } from '../transcoding/request/body-types.ts';
import { type HttpProblem, PROBLEM_TYPE, problemDetails } from './problem.ts';
import { toProblem } from './to-problem.ts';

/** Answers every failure, and every request that has no route, with problem details (RFC 9457). */
export function addProblemHandler(app: App, routing: Routing): void {
  app.decorateRequest('failure', undefined);
  app.setErrorHandler((error, request, reply) => sendProblem(problemOf(error, request), request, reply));
  app.setNotFoundHandler((request, reply) => sendProblem(routing.refusal(request.raw), request, reply));
}

/** The problem details, in JSON, of a failure that comes too late to be the answer. */
export function lateProblem(error: unknown, request: Request): string {
  return problemJson(problemOf(error, request), request);
}

function problemOf(error: unknown, request: Request): HttpProblem {
  const { transcoder } = request.routeOptions.config;
  const problem = toProblem(error, {
    authenticated: request.token !== undefined,
    conditional: request.headers['if-match'] !== undefined,
    fieldName: transcoder?.fieldName ?? ((path) => path),
    nameInText: transcoder?.nameInText ?? ((text) => text),
    bodyType: (transcoder && requestType(transcoder.binding)) ?? '*/*',
  });
  request.failure = problem.reason;
  if (problem.statusCode >= 500 && problem.cause !== undefined)
    request.log.error({ requestId: request.id, err: problem.cause }, 'failure');
  return problem;
}

function problemJson(problem: HttpProblem, request: Request): string {
  return JSON.stringify(problemDetails(problem, requestPath(request.originalUrl), request.id));
}

function sendProblem(problem: HttpProblem, request: Request, reply: Reply): Reply {
  // HTTP/2 has no such header; Fastify sets it when it refuses a body.
  if (request.raw.httpVersionMajor > 1) reply.removeHeader('connection');
  return reply
    .code(problem.statusCode)
    .headers({ 'cache-control': 'no-store', ...problem.headers })
    .type(PROBLEM_TYPE)
    .send(problemJson(problem, request));
}
