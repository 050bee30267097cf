import type { App } from '../arrival/app-types.ts';
import { HttpProblem } from '../problems/problem.ts';
import { refuseContent } from './content.ts';

/** Takes no content at all. What names a media type and sends none sends no body: many clients do so with every `DELETE`. */
export function addNoBody(app: App): void {
  ignoreBodies(app);
  refuseContent(app, bodyNotAllowed);
}

/** Leaves bodies unread, where nothing is done with them: by pages of the gateway's own, and where there is no route. */
export function ignoreBodies(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
}

/** The problem of content that the contract has no place for. */
function bodyNotAllowed(): HttpProblem {
  return new HttpProblem(400, 'BODY_NOT_ALLOWED', 'This method allows no body. Send the request without one.');
}
