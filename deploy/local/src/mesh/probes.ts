import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import { credentials, makeClientConstructor } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { createConnection } from 'mysql2/promise';
import type { State } from './state.ts';

const PROBE_TIMEOUT_MS = 2_000;
const HealthClient = makeClientConstructor(healthService, 'grpc.health.v1.Health');

/** Whether a service answers SERVING by grpc.health.v1, asked with the developer's certificate. */
export const isServing = async (state: State, port: number): Promise<boolean> => {
  const client = new HealthClient(`127.0.0.1:${port}`, developerCredentials(state), {
    'grpc.ssl_target_name_override': 'localhost',
  });
  try {
    return await new Promise<boolean>((resolve, reject) => {
      const answer = (error: Error | null, reply?: { status?: string }) =>
        error === null ? resolve(reply?.status === 'SERVING') : reject(error);
      client.check?.({ service: '' }, { deadline: Date.now() + PROBE_TIMEOUT_MS }, answer);
    });
  } finally {
    client.close();
  }
};

/** Whether the gateway says that it can serve: with one upstream it can. */
export const isReady = async (state: State, port: number): Promise<boolean> =>
  (await askReadiness(state, port)).status === 200;

/** Whether the gateway says that each of these services serves it. */
export const reaches = async (state: State, port: number, services: readonly string[]): Promise<boolean> => {
  const { upstreams } = await askReadiness(state, port);
  return services.every((service) => upstreams[service] === 'SERVING');
};

const askReadiness = async (state: State, port: number) => {
  const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  const where = { host: '127.0.0.1', servername: 'localhost', port, path: '/readyz' };
  const asked = request({ ...where, ca: readFileSync(state.caFile), agent: false, signal }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const { upstreams } = (await json(response)) as { upstreams?: Readonly<Record<string, string>> };
  return { status: response.statusCode, upstreams: upstreams ?? {} };
};

/** Whether something answers at `/healthz` of an HTTP server that it is well. */
export const answersHttp = async (port: number): Promise<boolean> => {
  const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  await response.body?.cancel();
  return response.ok;
};

/** Whether MySQL lets this user in. */
export const acceptsLogin = async (url: string): Promise<boolean> => {
  const connection = await createConnection({ uri: url, connectTimeout: PROBE_TIMEOUT_MS });
  connection.destroy();
  return true;
};

const developerCredentials = (state: State) =>
  credentials.createSsl(
    readFileSync(state.caFile),
    readFileSync(state.developerKeyFile),
    readFileSync(state.developerCertFile),
  );
