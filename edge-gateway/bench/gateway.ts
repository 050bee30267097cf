import { createLogger } from '@malla/chassis/logger';
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { contract } from '../test/support/contract.ts';
import { readFiles } from './files.ts';

const PLENTY = '1000000000';
/** Routes with a text made beforehand, behind the very hooks of the others, and the RPC whose answer they repeat. */
const STATIC_PAGES = { '/static/small': '/v1/testing/items/1', '/static/list': '/v1/testing/items' } as const;

/** A process with the gateway as it is, over an upstream that costs nothing here. Takes the upstream's port. */
const files = readFiles('edge-gateway');
const upstream = `dns:///127.0.0.1:${process.argv[2]}`;
const config = readConfig({
  ...files,
  HTTPS_CERT_FILE: files.TLS_CERT_FILE,
  HTTPS_KEY_FILE: files.TLS_KEY_FILE,
  HTTPS_PORT: '0',
  UPSTREAMS: `svc-testing=${upstream},svc-users=${upstream}`,
  TOKEN_ISSUER: 'https://bench.test',
  TOKEN_AUDIENCE: 'https://bench.test',
  RATE_LIMIT_READ_PER_MINUTE: PLENTY,
});
const { app, routing } = await createApp(config, contract, createLogger('edge-gateway', 'info'));
const texts = new Map<string, string>();
for (const path of Object.keys(STATIC_PAGES)) {
  routing.addPage('GET', path);
  app.get(path, async (_request, reply) => {
    reply.header('cache-control', 'no-store').type('application/json; charset=utf-8');
    return texts.get(path);
  });
}
await app.listen({ host: '127.0.0.1', port: 0 });
for (const [path, url] of Object.entries(STATIC_PAGES)) {
  const answer = await app.inject({ url, headers: { host: 'localhost' } });
  if (answer.statusCode !== 200) throw new Error(answer.body);
  texts.set(path, answer.body);
}
process.on('message', () => {
  globalThis.gc?.();
  process.send?.({ heapUsedBytes: process.memoryUsage().heapUsed });
});
process.send?.((app.server.address() as { port: number }).port);
