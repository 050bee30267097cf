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

/**
 * A JSON object of tax classes and what is taxed of them, in hundredths of a percent: `{"standard": 1900}`. A map, since
 * merchants choose the names of their classes, and an object has some of its own (`constructor`).
 */
const taxBasisPoints = z
  .string()
  .default('{}')
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), z.int().min(0).max(10_000)))
  .transform((record): ReadonlyMap<string, number> => new Map(Object.entries(record)));

/** Hosts, with or without a port, between commas. */
const hostList = z
  .string()
  .default('')
  .transform((text) => text.split(',').map((host) => host.trim()))
  .transform((hosts) => hosts.filter((host) => host !== ''));

/** The URL of the service's own database: `mysql://user:password@host:port/database`. */
const databaseUrl = z
  .url({ protocol: /^mysql$/ })
  .refine(
    (url) => URL.canParse(url) && new URL(url).pathname.length > 1,
    'must name a database: mysql://user:password@host:port/database',
  );

const shape = {
  GRPC_HOST: z.string().default('127.0.0.1'),
  GRPC_PORT: port.default(50_052),
  DATABASE_URL: databaseUrl,
  ...meshTlsFiles,
  /** The `iss` of our own tokens. */
  TOKEN_ISSUER: z.url(),
  /** The `aud` of our own tokens. */
  TOKEN_AUDIENCE: z.string().min(1),
  EXTERNAL_ISSUERS: externalIssuers,
  /** Where svc-users is, as a gRPC target. */
  SVC_USERS_TARGET: z.string().min(1).default('dns:///127.0.0.1:50051'),
  /** Where svc-stores is, as a gRPC target. */
  SVC_STORES_TARGET: z.string().min(1).default('dns:///127.0.0.1:50053'),
  /** Who moves the money. A database belongs to one provider. */
  PAYMENT_PROVIDER: z.enum(['sandbox', 'stripe']).default('sandbox'),
  /** How long a provider's answer is waited for, in milliseconds. */
  PROVIDER_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(8_000),
  /** For how many milliseconds a provider that declines to capture, or to void, is asked again by a purchase: 6 hours. */
  CAPTURE_GIVE_UP_AFTER_MS: z.coerce.number().int().min(0).max(604_800_000).default(21_600_000),
  /** How many operations, purchases and returns to stock this replica works on at once, of each. */
  WORKER_SLOTS: z.coerce.number().int().min(1).max(64).default(8),
  /** After how many milliseconds a purchase that has not ended counts as stuck. It is given up after 20 minutes. */
  PURCHASE_STUCK_AFTER_MS: z.coerce.number().int().min(1_000).default(1_500_000),
  /** How long after one look whether the whole ledger adds up the next one follows, in milliseconds. */
  LEDGER_VERIFY_INTERVAL_MS: z.coerce.number().int().min(1_000).default(3_600_000),
  /** Within how many milliseconds of the start, at a random moment, the first look is taken. */
  LEDGER_VERIFY_FIRST_WITHIN_MS: z.coerce.number().int().min(0).max(3_600_000).default(60_000),
  /** What Malla keeps of each capture, in hundredths of a percent. */
  FEE_BASIS_POINTS: z.coerce.number().int().min(0).max(10_000).default(0),
  /** Taxes by tax class. What is not named is not taxed. */
  TAX_BASIS_POINTS: taxBasisPoints,
  /** The key that signs page tokens, the same in every replica: 32 bytes in base64. */
  PAGE_TOKEN_KEY: secretKey,
  /** What it was before, between commas, as long as clients may hold tokens of it. */
  PAGE_TOKEN_KEYS_PREVIOUS: previousKeys,
  /** The key that encrypts the secrets of webhook endpoints in the database: 32 bytes in base64. */
  KEY_ENCRYPTION_KEY: secretKey,
  /** What it was before, between commas, as long as something in the database is under it. */
  KEY_ENCRYPTION_KEYS_PREVIOUS: previousKeys,
  /** How long a webhook endpoint's answer is waited for, in milliseconds. */
  WEBHOOK_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(15_000),
  /** Hosts that webhooks are sent to whatever their address is, also by http: `localhost,127.0.0.1:8080`. Never in production. */
  WEBHOOK_ALLOWED_HOSTS: hostList,
  ...metricsAddress,
  LOG_LEVEL: logLevel,
};

const sandboxShape = {
  /** Where the payment sandbox is: `http://127.0.0.1:50062`. */
  SANDBOX_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:50062'),
  /** What the sandbox knows us by. */
  SANDBOX_API_KEY: z.string().min(16),
  /** What the sandbox signs its notifications with (Standard Webhooks). */
  SANDBOX_WEBHOOK_SECRET: z.string().min(32),
};

const stripeShape = {
  /** A secret key, or a restricted one that may write PaymentIntents, Refunds, Customers and PaymentMethods. */
  STRIPE_API_KEY: z.string().regex(/^(?:sk|rk)_\w{8,}$/, 'is no secret key of Stripe: sk_... or rk_...'),
  /** What Stripe signs the events of our endpoint with. */
  STRIPE_WEBHOOK_SECRET: z.string().regex(/^whsec_\S{8,}$/, 'is no secret of a webhook endpoint of Stripe: whsec_...'),
  /** Where users come back to from a challenge. */
  STRIPE_RETURN_URL: z.url({ protocol: /^https?$/ }),
  /** Where Stripe is, when it is not Stripe, as in tests. */
  STRIPE_API_URL: z.url({ protocol: /^https?$/ }).default('https://api.stripe.com'),
};

export type SandboxSettings = z.output<z.ZodObject<typeof sandboxShape>> & { PAYMENT_PROVIDER: 'sandbox' };
export type StripeSettings = z.output<z.ZodObject<typeof stripeShape>> & { PAYMENT_PROVIDER: 'stripe' };
export type Config = z.output<z.ZodObject<typeof shape>> & (SandboxSettings | StripeSettings);

/** Reads the service's configuration. @throws ConfigError naming every bad variable. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const chosen = loadConfig({ PAYMENT_PROVIDER: shape.PAYMENT_PROVIDER.catch('sandbox') }, env).PAYMENT_PROVIDER;
  const providerShape = chosen === 'stripe' ? stripeShape : sandboxShape;
  const config = loadConfig({ ...shape, ...providerShape }, env) as Config;
  const issuers = [config.TOKEN_ISSUER, ...config.EXTERNAL_ISSUERS.map(({ issuer }) => issuer)];
  if (new Set(issuers).size === issuers.length) return config;
  throw new ConfigError('bad configuration:\n  EXTERNAL_ISSUERS: names an issuer twice, or the one of TOKEN_ISSUER');
}

/** Reads what a job needs that works on the database alone. @throws ConfigError. */
export function readJobConfig(env: NodeJS.ProcessEnv) {
  return loadConfig({ DATABASE_URL: databaseUrl, LOG_LEVEL: logLevel }, env);
}

/** Reads what the job needs that encrypts again. @throws ConfigError. */
export function readReencryptionConfig(env: NodeJS.ProcessEnv) {
  const { DATABASE_URL, KEY_ENCRYPTION_KEY, KEY_ENCRYPTION_KEYS_PREVIOUS } = shape;
  return loadConfig({ DATABASE_URL, KEY_ENCRYPTION_KEY, KEY_ENCRYPTION_KEYS_PREVIOUS, LOG_LEVEL: logLevel }, env);
}
