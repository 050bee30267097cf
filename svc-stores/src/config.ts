import {
  ConfigError,
  externalIssuers,
  loadConfig,
  logLevel,
  meshTlsFiles,
  metricsAddress,
  port,
} from '@malla/chassis/config';
import { previousKeys, secretKey } from '@malla/chassis/encryption-keys';
import { z } from 'zod';

/** The URL of the service's own database: `mysql://user:password@host:port/database`. */
const databaseUrl = z
  .url({ protocol: /^mysql$/ })
  .refine(
    (url) => URL.canParse(url) && new URL(url).pathname.length > 1,
    'must name a database: mysql://user:password@host:port/database',
  );

const shape = {
  GRPC_HOST: z.string().default('127.0.0.1'),
  GRPC_PORT: port.default(50_053),
  DATABASE_URL: databaseUrl,
  ...meshTlsFiles,
  /** The `iss` of our own tokens. */
  TOKEN_ISSUER: z.url(),
  /** The `aud` of our own tokens. */
  TOKEN_AUDIENCE: z.string().min(1),
  EXTERNAL_ISSUERS: externalIssuers,
  /** Where svc-users is, as a gRPC target. */
  SVC_USERS_TARGET: z.string().min(1).default('dns:///127.0.0.1:50051'),
  /** The key that signs page tokens, the same in every replica: 32 bytes in base64. */
  PAGE_TOKEN_KEY: secretKey,
  /** What it was before, between commas, as long as clients may hold tokens of it. */
  PAGE_TOKEN_KEYS_PREVIOUS: previousKeys,
  ...metricsAddress,
  LOG_LEVEL: logLevel,
};

/** Reads the service's configuration. @throws ConfigError naming every bad variable. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const config = loadConfig(shape, env);
  const issuers = [config.TOKEN_ISSUER, ...config.EXTERNAL_ISSUERS.map(({ issuer }) => issuer)];
  if (new Set(issuers).size === issuers.length) return config;
  throw new ConfigError('bad configuration:\n  EXTERNAL_ISSUERS: names an issuer twice, or the one of TOKEN_ISSUER');
}

export type Config = ReturnType<typeof readConfig>;

/** Reads what a job needs that works on the database alone. @throws ConfigError. */
export function readJobConfig(env: NodeJS.ProcessEnv) {
  return loadConfig({ DATABASE_URL: databaseUrl, LOG_LEVEL: logLevel }, env);
}
