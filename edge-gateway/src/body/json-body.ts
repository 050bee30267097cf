import type { App, Request } from '../arrival/app-types.ts';
import { HttpProblem } from '../problems/problem.ts';
import type { ParsedJson } from '../transcoding/json/strict-json.ts';
import { parseBody } from '../transcoding/request/parse-body.ts';
import { addBodyTimeout } from './body-timeout.ts';
import { refuseContentEncodings, refuseUnnamedContent } from './content.ts';

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]+)/i;

/** Takes JSON bodies only, strictly. An empty body is none. */
export function addJsonBody(app: App): void {
  app.removeAllContentTypeParsers();
  addBodyTimeout(app);
  refuseContentEncodings(app);
  refuseUnnamedContent(app, 'The body must be application/json.');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    try {
      const charset = CHARSET.exec(request.headers['content-type'] ?? '')?.[1] ?? 'utf-8';
      if (charset.toLowerCase() !== 'utf-8') {
        throw new HttpProblem(415, 'CHARSET_UNSUPPORTED', 'JSON is encoded in UTF-8 (RFC 8259, section 8.1).');
      }
      request.bodyBytes = body.length;
      done(null, body.length > 0 ? parse(body, request) : undefined);
    } catch (error) {
      done(error as Error);
    }
  });
}

function parse(body: Buffer, { routeOptions }: Request): ParsedJson {
  const { transcoder } = routeOptions.config;
  if (!transcoder) throw new Error('a JSON body for no RPC');
  return parseBody(body, transcoder.binding);
}
