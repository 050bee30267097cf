import { readFileSync } from 'node:fs';
import { request } from 'node:https';
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

/** Whether the gateway says that it and all its upstreams are ready. */
export const isReady = (state: State, port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    const where = { host: '127.0.0.1', servername: 'localhost', port, path: '/readyz' };
    request({ ...where, ca: readFileSync(state.caFile), agent: false, signal }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    })
      .on('error', reject)
      .end();
  });

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
