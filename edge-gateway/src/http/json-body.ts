import { parseStrictJson } from '../transcoding/strict-json.ts';
import type { App } from './app-types.ts';
import { HttpProblem } from './problem.ts';

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]+)/i;

/** Takes JSON bodies only, strictly. An empty body is none. */
export function addJsonBody(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    try {
      const charset = CHARSET.exec(request.headers['content-type'] ?? '')?.[1] ?? 'utf-8';
      if (charset.toLowerCase() !== 'utf-8') {
        throw new HttpProblem(415, 'CHARSET_UNSUPPORTED', 'JSON is encoded in UTF-8 (RFC 8259, section 8.1).');
      }
      done(null, body.length > 0 ? parseStrictJson(body) : undefined);
    } catch (error) {
      done(error as Error);
    }
  });
}
