import { rawBody } from '../transcoding/request-body.ts';
import type { App } from './app-types.ts';
import { refuseContentEncodings, refuseUnnamedContent } from './content.ts';
import { addBodyTimeout } from './slow-body.ts';

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
