import { type DestinationStream, type Logger, pino } from 'pino';

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
 * first two levels. Messages and requests are not for the log at all; this is the second line of defence.
 */
export function createLogger(name: string, level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { service: name, pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRETS.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
    },
    destination,
  );
}

/** The same logger for lines whose fields are fixed and hold no secrets: looking for some costs more than writing the line. */
export function withoutRedaction(log: Logger): Logger {
  return log.child({}, { redact: [] });
}
