/** An error as it may stand in a log: what kind it is and where it was thrown, and no value of a request or a statement. */
export interface LoggedError {
  readonly name: string;
  readonly message: string;
  /** The error's own code, such as `ECONNREFUSED`, `ER_DUP_ENTRY` or a gRPC status. */
  readonly code?: string | number;
  readonly errno?: number;
  readonly sqlState?: string;
  /** The reason of a DomainError. */
  readonly reason?: string;
  /** The functions that were running; without the message, which a stack repeats. */
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** A longer chain of causes says nothing new. */
const DEPTH_MAX = 5;
const MESSAGE_CHARS_MAX = 300;
const FRAMES_MAX = 20;
const WORD = /^[\w.-]{1,64}$/;
/** What MySQL says last: the name of a key, or of a column. The values stand before. */
const KEY = / for key '([\w.]{1,129})'$/;
const COLUMN = / column '([\w.]{1,129})' at row \d+$/;

/**
 * What a log may know of an error, and of what caused it. Texts are written for a log by nobody: a driver's holds the statement
 * with its values, a parser's what it could not parse. So a message loses what is quoted, URLs, addresses and tokens, and a
 * database's error is named by its code alone. Never throws, though an error may do so when it is touched.
 */
export function loggedError(error: unknown, depth = 1): LoggedError {
  try {
    if (!(error instanceof Error)) return { name: typeof error, message: withoutValues(String(error)) };
    return ofError(error, depth);
  } catch {
    return { name: typeof error, message: 'an error that cannot be read' };
  }
}

/** An error and its causes in one line: `Error: fetch failed <- ConnectError: connect refused (ECONNREFUSED)`. */
export function errorText(error: unknown): string {
  const texts: string[] = [];
  for (let at: LoggedError | undefined = loggedError(error); at; at = at.cause) {
    const { name, message, code } = at;
    const more = code === undefined || message.includes(String(code)) ? '' : ` (${code})`;
    texts.push(`${name}: ${message}${more}`);
  }
  return texts.join(' <- ');
}

/** A text without what is quoted in it, and without URLs, e-mail addresses, tokens and keys. */
export function withoutValues(text: string): string {
  const plain = text
    .replace(/['"`‘’“”].*['"`‘’“”]/s, '[…]')
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S*/gi, '[url]')
    .replaceAll(/\S+@\S+/g, '[address]')
    .replaceAll(/[\w+/=.-]{33,}/g, '[…]');
  return plain.length > MESSAGE_CHARS_MAX ? `${plain.slice(0, MESSAGE_CHARS_MAX)}…`.toWellFormed() : plain;
}

function ofError(error: Error, depth: number): LoggedError {
  const { code, errno, sqlState, sqlMessage, reason } = error as Error & Record<string, unknown>;
  const isOfDatabase = typeof sqlState === 'string' || 'sql' in error || 'sqlMessage' in error;
  const cause = error.cause ?? (error as { errors?: unknown[] }).errors?.[0];
  return {
    name: WORD.test(error.name) ? error.name : 'Error',
    message: isOfDatabase ? databaseText(String(sqlMessage ?? error.message)) : withoutValues(error.message),
    ...((typeof code === 'number' || (typeof code === 'string' && WORD.test(code))) && { code }),
    ...(typeof errno === 'number' && { errno }),
    ...(typeof sqlState === 'string' && WORD.test(sqlState) && { sqlState }),
    ...(typeof reason === 'string' && WORD.test(reason) && { reason }),
    ...framesOf(error),
    ...(cause != null && depth < DEPTH_MAX && { cause: loggedError(cause, depth + 1) }),
  };
}

function databaseText(text: string): string {
  const place = KEY.exec(text)?.[1] ?? COLUMN.exec(text)?.[1];
  return place === undefined ? 'the database refused a statement' : `the database refused a statement: ${place}`;
}

/** A message may hold lines that look like frames: it is cut off first, as it stands in the stack. */
function framesOf({ stack, message }: Error): { stack?: string } {
  if (typeof stack !== 'string') return {};
  const start = message === '' ? 0 : stack.indexOf(message) + message.length;
  const frames = stack.slice(start).match(/^ {4}at .*$/gm) ?? [];
  return frames.length > 0 && stack.includes(message) ? { stack: frames.slice(0, FRAMES_MAX).join('\n') } : {};
}
