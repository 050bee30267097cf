import type { App } from './app-types.ts';
import { HttpProblem } from './problem.ts';

/** Takes no bodies at all. */
export function addNoBody(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(bodyNotAllowed()));
}

/** Leaves bodies unread, where nothing is done with them: by pages of the gateway's own, and where there is no route. */
export function ignoreBodies(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
}

/** Why a body is refused where the contract has no place for one. */
export function bodyNotAllowed(): HttpProblem {
  return new HttpProblem(400, 'BODY_NOT_ALLOWED', 'This method takes no body.');
}
