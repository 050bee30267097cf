import { type DestinationStream, type LogFn, type Logger, pino } from 'pino';
import { loggedError, withoutValues } from './logged-error.ts';

export type { Logger };

const SECRETS = [
  'authorization',
  'cookie',
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'accessToken',
  'refreshToken',
  'access_token',
  'refresh_token',
  'secret',
];

/**
 * Makes a logger that writes one JSON line per entry to standard output, with secrets blanked wherever they stand at the
 * first two levels. Messages and requests are not for the log at all; this is the second line of defence. An error, under
 * whatever name it is logged, is written by `loggedError`: without the values of statements, URLs and bodies.
 */
export function createLogger(name: string, level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { service: name, pid: process.pid },
      formatters: { level: (label) => ({ level: label }), log: withSafeErrors },
      // Pino's own would write all that an error carries.
      serializers: { err: (error: unknown) => (error instanceof Error ? loggedError(error) : error) },
      hooks: { logMethod: withoutErrorTexts },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRETS.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
    },
    destination,
  );
}

/** Texts under these names are an error's, put into words by whoever logs it. */
const ERROR_TEXTS: ReadonlySet<string> = new Set(['err', 'error', 'cause']);

function withSafeErrors(fields: Record<string, unknown>): Record<string, unknown> {
  const unsafe = Object.entries(fields).filter(
    ([name, value]) => value instanceof Error || (typeof value === 'string' && ERROR_TEXTS.has(name)),
  );
  if (unsafe.length === 0) return fields;
  const safe = unsafe.map(([name, value]) => [
    name,
    typeof value === 'string' ? withoutValues(value) : loggedError(value),
  ]);
  return { ...fields, ...Object.fromEntries(safe) };
}

/** Pino, and Fastify, take an error's own text for the message when there is no other. */
function withoutErrorTexts(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [first, message, ...rest] = args as [unknown, unknown, ...unknown[]];
  const error = first instanceof Error ? first : (first as { err?: unknown } | undefined)?.err;
  if (!(error instanceof Error)) {
    method.apply(this, args);
    return;
  }
  const isItsOwn = message === undefined || message === error.message;
  const fields = first instanceof Error ? { err: first } : (first as object);
  method.apply(this, [fields, isItsOwn ? 'failure' : message, ...rest] as unknown as Parameters<LogFn>);
}

/** The same logger for lines whose fields are fixed and hold no secrets: looking for some costs more than writing the line. */
export function withoutRedaction(log: Logger): Logger {
  return log.child({}, { redact: [] });
}
