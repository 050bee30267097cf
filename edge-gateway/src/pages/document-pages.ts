import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { JsonObject } from '@bufbuild/protobuf';
import type { App } from '../arrival/app-types.ts';
import { securityHeaders } from '../arrival/browser-safety.ts';
import type { Routing } from '../arrival/routing.ts';
import { sharedPage } from './shared-page.ts';

const CACHE_CONTROL = 'public, max-age=300';
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Malla API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;
/** Swagger UI would have the document judged by a validator elsewhere. */
const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null });\n`;

/** The sources of the page: this origin alone. Swagger UI writes styles into its elements. */
const PAGE_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
} as const;

/** `/openapi.json`, and `/docs`, which shows it in a browser without asking anybody else for anything. */
export function addDocumentPages(app: App, routing: Routing, document: JsonObject): void {
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const asset = (name: string) => readFileSync(join(assets, name), 'utf8');
  const pages: readonly [path: string, type: string, text: string][] = [
    ['/openapi.json', 'application/json; charset=utf-8', JSON.stringify(document)],
    ['/docs', 'text/html; charset=utf-8', PAGE],
    ['/docs/start.js', 'text/javascript; charset=utf-8', START],
    ['/docs/swagger-ui.css', 'text/css; charset=utf-8', asset('swagger-ui.css')],
    ['/docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8', asset('swagger-ui-bundle.js')],
  ];
  const headers = securityHeaders(PAGE_POLICY);
  for (const [path, type, text] of pages) {
    routing.addPage('GET', path);
    const page = sharedPage(text);
    const options = { compress: false, config: { routeName: path, securityHeaders: headers } } as const;
    app.get(path, options, async (request, reply) => {
      const { encoding, bytes } = await page.form(request.headers['accept-encoding']);
      reply.headers({ 'cache-control': CACHE_CONTROL, vary: 'accept-encoding' });
      if (encoding) reply.header('content-encoding', encoding);
      return reply.type(type).send(bytes);
    });
  }
}
