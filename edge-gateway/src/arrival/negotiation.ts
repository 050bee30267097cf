import accepts from '@fastify/accepts';
import { HttpProblem } from '../problems/problem.ts';
import type { App, Request } from './app-types.ts';

/** A parameter of a media range that is not its weight. */
const PARAMETER = /;\s*(?!q\s*=)[^\s;,="]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*)/gi;

/**
 * Negotiates the media type of answers (RFC 9110, section 12.5.1). Parameters of a media range other than its weight are ignored: there
 * is one form of each media type, and `application/json; charset=utf-8` is what it is called in answers.
 */
export async function addNegotiation(app: App): Promise<void> {
  await app.register(accepts);
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    if (headers.accept?.includes(';')) headers.accept = headers.accept.replace(PARAMETER, '');
    done();
  });
}

/**
 * Chooses the media type that a request likes best. Without an `Accept` it is the first.
 * @throws HttpProblem 406 naming what there is.
 */
export function acceptsType(request: Request, ...types: readonly [string, ...string[]]): string {
  const { accept } = request.headers;
  if (accept === undefined || accept === '*/*') return types[0];
  const chosen = request.accepts().type([...types]);
  if (typeof chosen === 'string') return chosen;
  throw new HttpProblem(406, 'NOT_ACCEPTABLE', `This method returns ${types.join(' or ')}. Accept must allow it.`);
}
