import accepts from '@fastify/accepts';
import type { App, Request } from './app-types.ts';
import { HttpProblem } from './problem.ts';

/** Lets requests tell what they accept (RFC 9110, section 12.5.1). */
export async function addNegotiation(app: App): Promise<void> {
  await app.register(accepts);
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
  throw new HttpProblem(406, 'NOT_ACCEPTABLE', `This method answers ${types.join(' or ')}.`);
}
