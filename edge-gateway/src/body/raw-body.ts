import type { App } from '../arrival/app-types.ts';
import { rawBody } from '../transcoding/request/request-body.ts';
import { addBodyTimeout } from './body-timeout.ts';
import { refuseContentEncodings, refuseUnnamedContent } from './content.ts';

/** Takes bodies of any media type as they are (`google.api.HttpBody`). */
export function addRawBody(app: App): void {
  app.removeAllContentTypeParsers();
  addBodyTimeout(app);
  refuseContentEncodings(app);
  refuseUnnamedContent(app, 'The body must name its media type.');
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    request.bodyBytes = body.length;
    done(null, rawBody(request.headers['content-type'] ?? '', body));
  });
}
