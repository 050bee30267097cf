import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';

/**
 * A static Fastify route in the gateway's process shape: HTTPS with HTTP/2 and HTTP/1.1, the gateway's own certificate, no
 * hooks. What it costs is what nobody can save.
 */
const [certFile = '', keyFile = ''] = process.argv.slice(2);
const app = fastify({
  http2: true,
  https: { allowHTTP1: true, cert: readFileSync(certFile), key: readFileSync(keyFile) },
});
app.get('/static', async () => ({ status: 'SERVING' }));
await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.((app.server.address() as AddressInfo).port);
process.once('SIGTERM', () => void app.close());
