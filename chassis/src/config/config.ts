import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A bad configuration: one line for each bad variable, without their values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Parses the configuration once. A variable `X` that is not set is read from the file named by `X_FILE`, where Docker
 * secrets are; an empty variable counts as not set.
 * @throws ConfigError naming every variable that is missing or wrong.
 */
export function loadConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: Readonly<Record<string, string | undefined>>,
): z.output<z.ZodObject<Shape>> {
  const unreadable = new Set<PropertyKey>();
  const values = Object.keys(shape).map((name) => [name, readVariable(name, env, () => unreadable.add(name))]);
  const parsed = z.object(shape).safeParse(Object.fromEntries(values));
  if (parsed.success && unreadable.size === 0) return parsed.data;
  const issues = parsed.error?.issues.filter(({ path }) => !unreadable.has(path[0] ?? '')) ?? [];
  const lines = [
    ...[...unreadable].map((name) => `${String(name)}_FILE: names a file that cannot be read`),
    ...issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
  ];
  throw new ConfigError(`bad configuration:\n${lines.map((line) => `  ${line}`).join('\n')}`);
}

function readVariable(name: string, env: Readonly<Record<string, string | undefined>>, unreadable: () => void) {
  const file = env[`${name}_FILE`];
  if (env[name] || !file) return env[name] || undefined;
  try {
    return readFileSync(file, 'utf8').trimEnd() || undefined;
  } catch {
    unreadable();
    return undefined;
  }
}

/** A TCP port, 0 meaning any free one. */
export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'is not a TCP port')
  .transform(Number)
  .refine((number) => number <= 65_535, 'is not a TCP port');

/** The log levels of pino. */
export const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info');

/** Where a process's mesh certificate is. */
export const meshTlsFiles = {
  /** The certificates, in PEM, of the authority that signs the mesh. */
  TLS_CA_FILE: z.string(),
  /** The process's own certificate chain, in PEM. */
  TLS_CERT_FILE: z.string(),
  /** The key of that certificate, in PEM. */
  TLS_KEY_FILE: z.string(),
} as const;

/** Where a process's metrics are read. */
export const metricsAddress = {
  METRICS_HOST: z.string().default('127.0.0.1'),
  /** Default: metrics are not served. */
  METRICS_PORT: port.optional(),
} as const;

const issuer = z.object({
  issuer: z.url(),
  audience: z.string().min(1),
  jwksUri: z.url({ protocol: /^https?$/ }).optional(),
});

/** External token issuers, Auth0 among them: a JSON array of `{issuer, audience, jwksUri?}`. */
export const externalIssuers = z
  .string()
  .default('[]')
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.array(issuer));

/** An external token issuer as it stands in the configuration. */
export type ExternalIssuer = z.output<typeof issuer>;
