import { createLogger } from '@malla/chassis/logger';
import { ruleCheckOf } from '@malla/chassis/rule-check';
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { bindingsOf } from '../src/transcoding/routing/binding.ts';
import { compileTranscoder } from '../src/transcoding/transcoder.ts';
import { contract } from '../test/support/contract.ts';
import { bareCaller } from './bare-call.ts';
import { readFiles } from './files.ts';

const PLENTY = '1000000000';
/**
 * Routes with a text made beforehand, and the request whose answer they repeat. The hooks that act on RPCs alone (rate limit,
 * log line by the route's name) act on them too, as they have the configuration of that RPC's route: what a static page costs is
 * what an RPC would cost if it translated and called nothing. Those with a call make a bare one first, and throw its answer away.
 */
const SMALL = { url: '/v1/testing/items/1', template: '/v1/testing/items/{item_id}' };
const LIST = { url: '/v1/testing/items', template: '/v1/testing/items' };
const PAGES: readonly { path: string; url: string; template: string; call?: string }[] = [
  { path: '/static/small', ...SMALL },
  { path: '/static/list', ...LIST },
  { path: '/called/small', ...SMALL, call: '/malla.testing.v1.BenchService/GetItem' },
  { path: '/called/list', ...LIST, call: '/malla.testing.v1.BenchService/ListItems' },
];

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
  RATE_LIMIT_WRITE_PER_MINUTE: PLENTY,
});
const { app, routing } = await createApp(config, contract, createLogger('edge-gateway', 'info'));
const { registry } = contract;
const codec = { registry, check: ruleCheckOf(registry) };
const bindings = bindingsOf(contract);
const makeCall = bareCaller(process.argv[2]);
const texts = new Map<string, string>();
for (const { path, url, template, call } of PAGES) {
  const binding = bindings.find((each) => each.template.text === template);
  if (!binding) throw new Error(`${template} is not in the contract`);
  routing.addPage('GET', path);
  const config = { transcoder: compileTranscoder(binding, codec), routeName: template };
  app.get(path, { config }, async (_request, reply) => {
    if (call) await makeCall(call);
    reply.header('cache-control', 'no-store').type('application/json; charset=utf-8');
    return texts.get(url);
  });
}
await app.listen({ host: '127.0.0.1', port: 0 });
for (const { url } of PAGES) {
  const answer = await app.inject({ url, headers: { host: 'localhost' } });
  if (answer.statusCode !== 200) throw new Error(answer.body);
  texts.set(url, answer.body);
}
process.on('message', () => {
  globalThis.gc?.();
  process.send?.({ heapUsedBytes: process.memoryUsage().heapUsed });
});
process.send?.((app.server.address() as { port: number }).port);
