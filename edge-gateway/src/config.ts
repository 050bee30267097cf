import { externalIssuers, loadConfig, logLevel, meshTlsFiles, metricsAddress, port } from '@malla/chassis/config';
import { z } from 'zod';

const count = (most: number) => z.coerce.number().int().min(1).default(most);

/** `svc-users=dns:///svc-users:50051,svc-stores=ipv4:10.0.0.1:50053,10.0.0.2:50053`: a target may hold commas. */
const upstreams = z
  .string()
  .min(1)
  .transform((text) => text.split(/,(?=[^,=]*=)/).map((entry) => entry.trim().split(/=(.*)/s, 2)))
  .pipe(z.array(z.tuple([z.string().regex(/^svc-[a-z0-9-]+$/, 'names no service'), z.string().min(1)])))
  .transform((entries) => new Map(entries));

/** As browsers and the web views of apps write them (RFC 6454, section 6.2). */
const ORIGIN = /^(?:\*|[a-z][a-z0-9+.-]*:\/\/(?:\[[0-9a-f:.]+\]|[^\s/?#@:[\]]+)(?::\d{1,5})?)$/;

const origins = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((origin) => origin.trim().toLowerCase().replace(/\/$/, ''))
      .filter(Boolean),
  )
  .pipe(
    z.array(
      z.string().regex(ORIGIN, 'is no origin: a scheme, a host and a port at most, such as capacitor://localhost'),
    ),
  );

const trustProxy = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((address) => address.trim())
      .filter(Boolean),
  )
  .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])));

const SHAPE = {
  HTTPS_HOST: z.string().default('127.0.0.1'),
  HTTPS_PORT: port.default(8443),
  /** The certificate chain shown to clients, in PEM. */
  HTTPS_CERT_FILE: z.string(),
  /** The key of that certificate, in PEM. */
  HTTPS_KEY_FILE: z.string(),
  ...meshTlsFiles,
  /** `svc-users=dns:///127.0.0.1:50051,…`. Package `malla.<x>.v1` is served by `svc-<x>`. */
  UPSTREAMS: upstreams,
  /** The `iss` of our own tokens. */
  TOKEN_ISSUER: z.url(),
  /** The `aud` of our own tokens. */
  TOKEN_AUDIENCE: z.string().min(1),
  EXTERNAL_ISSUERS: externalIssuers,
  /** The browser origins that may call, separated by commas; `*` for all. Default: none. */
  CORS_ORIGINS: origins,
  /** The proxies, by address or CIDR, whose `X-Forwarded-For` is believed. Default: none. */
  TRUST_PROXY: trustProxy,
  /** For how long `/readyz` fails before the gateway stops to accept connections, so that balancers see it. */
  DRAIN_DELAY_MS: z.coerce.number().int().min(0).max(600_000).default(5_000),
  /** The maximum of open connections. */
  CONNECTIONS_MAX: count(10_000),
  /** Of one client: an IPv4 address, or a /64 of IPv6. */
  CONNECTIONS_PER_CLIENT_MAX: count(256),
  /** TLS handshakes of one client; what is over waits. */
  HANDSHAKES_PER_CLIENT_PER_SECOND: count(50),
  /** For how long an answer waits for a client that takes none of it. */
  ANSWER_STALL_TIMEOUT_MS: count(30_000),
  RATE_LIMIT_READ_PER_MINUTE: count(1200),
  RATE_LIMIT_WRITE_PER_MINUTE: count(300),
  RATE_LIMIT_CREDENTIAL_PER_MINUTE: count(30),
  /** A provider sends about three events for each purchase, from a few addresses. */
  RATE_LIMIT_WEBHOOK_PER_MINUTE: count(12_000),
  /** Streams open at once in this replica: half of them at most without a user. Then 503. */
  STREAMS_MAX: count(1_000),
  /** Of one client address. Then 429. */
  STREAMS_PER_ADDRESS_MAX: count(100),
  /** Of one user. Then 429. */
  STREAMS_PER_USER_MAX: count(20),
  /** How many MiB of bodies and lines that are refused for what they say one client may send. */
  RATE_LIMIT_REFUSED_MIB_PER_MINUTE: count(32),
  /** Of one client address, in bodies of 64 KiB and more; what is over waits for up to 5 s. Then 429. */
  LARGE_BODIES_MIB_PER_SECOND: count(2),
  /** Pages, preflights and what has no route. */
  RATE_LIMIT_PAGE_PER_MINUTE: count(600),
  ...metricsAddress,
  LOG_LEVEL: logLevel,
} as const;

/** The configuration of the gateway, as its environment gives it. */
export type Config = ReturnType<typeof readConfig>;

/**
 * Reads the configuration.
 * @throws ConfigError naming every variable that is missing or wrong.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>) {
  return loadConfig(SHAPE, env);
}
