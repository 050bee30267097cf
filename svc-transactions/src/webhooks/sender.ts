import { type ClientRequest, request as requestPlain } from 'node:http';
import { type RequestOptions, request as requestSecure } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { TryOutcome } from '../domain/webhooks/delivery.ts';
import type { Message, Send } from '../domain/webhooks/ports.ts';
import { TargetError, type Targets } from './targets.ts';

/** Where a status line and the informational answers before it have to end. */
const STATUS_BYTES_MAX = 4_096;
/** How long the fields of an answer are waited for once its status is there, for the sake of `Retry-After`. */
const FIELDS_MS = 1_000;
/** The first status that is final: 101 to 199 come before (RFC 9110, section 15.2). */
const STATUS = /^(?:HTTP\/1\.[01] 1\d\d(?:[^\n]*\n)(?:[^\r\n]+\r?\n)*\r?\n)*HTTP\/1\.[01] ([2-9]\d\d)[ \r]/;
const HEADER_BYTES_MAX = 16_384;
/** What Node says of a handshake that failed. */
const TLS_ERROR = /^ERR_(?:TLS|SSL)|CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|^EPROTO$/;

export interface SenderOptions {
  readonly targets: Targets;
  /** How long a try may take, from the first question to a name server to the status line. */
  readonly timeoutMs: number;
  /** Whom to trust, in PEM. Default: those whom Node trusts. */
  readonly ca?: string | undefined;
}

/** Sends messages by the scheme of Standard Webhooks. Redirects are not followed. */
export function createSender({ targets, timeoutMs, ca }: SenderOptions): Send {
  return async (message, given) => {
    const late = AbortSignal.timeout(timeoutMs);
    const signal = given ? AbortSignal.any([late, given]) : late;
    try {
      const { url, addresses } = await targets.resolve(message.url);
      signal.throwIfAborted();
      const options = { signal, lookup: pinnedTo(addresses), ...(ca && { ca }) };
      const { status, retryAfter } = await post(url, message, options);
      return outcomeOf(status, retryAfter);
    } catch (error) {
      return { status: 0, error: errorOf(error), retryAfterMs: undefined };
    }
  };
}

/** A connection goes where it was found to lead: the name is not asked for again. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, { all }, done) => {
    if (all) return done(null, found);
    return done(null, found[0]?.address ?? '', found[0]?.family);
  };
}

interface Answered {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/**
 * Sends a message. It is answered by the status line: whatever follows may come a byte at a time, and is not read. A status that
 * may ask for patience is waited for a second longer.
 */
function post(url: URL, message: Message, options: RequestOptions): Promise<Answered> {
  const body = Buffer.from(message.body);
  const request = (url.protocol === 'https:' ? requestSecure : requestPlain)(url, {
    ...options,
    ...{ method: 'POST', agent: false, maxHeaderSize: HEADER_BYTES_MAX, rejectUnauthorized: true },
    headers: { ...headersOf(message), 'content-type': 'application/json', 'content-length': body.byteLength },
  });
  return new Promise<Answered>((resolve, reject) => {
    let patience: NodeJS.Timeout | undefined;
    let known: number | undefined;
    const end = (settle: () => void) => {
      clearTimeout(patience);
      settle();
      request.destroy();
    };
    const answered = (status: number, retryAfter?: string) => end(() => resolve({ status, retryAfter }));
    // Once the status is there it counts, however the rest of the answer ends.
    const fail = (error: Error) => (known === undefined ? end(() => reject(error)) : answered(known));
    onStatus(request, (status) => {
      known = status;
      if (status < 300) answered(status);
      else patience = setTimeout(answered, FIELDS_MS, status);
    });
    request.on('error', fail);
    request.on('close', () => fail(new Error('closed without an answer')));
    request.on('response', ({ statusCode = 0, headers }) => answered(statusCode, headers['retry-after']));
    request.end(body);
  });
}

/** Node announces an answer when its last field has come, which may be never. */
function onStatus(request: ClientRequest, tell: (status: number) => void): void {
  let text = '';
  const read = (chunk: Buffer) => {
    text += chunk.toString('latin1', 0, STATUS_BYTES_MAX - text.length);
    const [, status] = STATUS.exec(text) ?? [];
    if (status === undefined && text.length < STATUS_BYTES_MAX) return;
    request.socket?.off('data', read);
    if (status !== undefined) tell(Number(status));
  };
  request.on('socket', (socket) => socket.on('data', read));
}

/** Receivers compare the time with that of their own clocks: it is no business of the clock that tests move. */
function headersOf({ eventId, body, secrets }: Message): Record<string, string> {
  const now = new Date();
  const signatures = secrets.map((secret) => new Webhook(secret).sign(eventId, now, body));
  return {
    'user-agent': 'Malla-Webhooks/1',
    'webhook-id': eventId,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': signatures.join(' '),
  };
}

function outcomeOf(status: number, retryAfter: string | undefined): TryOutcome {
  if (status >= 200 && status < 300) return { status, error: '', retryAfterMs: undefined };
  const error = status >= 300 && status < 400 ? 'REDIRECT' : 'HTTP_STATUS';
  return { status, error, retryAfterMs: retryAfterMsOf(retryAfter) };
}

/** Reads a `Retry-After`: seconds or a date (RFC 9110, section 10.2.3). */
function retryAfterMsOf(text = ''): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.max(0, time - Date.now());
}

function errorOf(error: unknown): string {
  if (error instanceof TargetError) return error.reason;
  const { name = '', code = '' } = error as { name?: string; code?: string };
  if (name === 'TimeoutError' || name === 'AbortError') return 'TIMEOUT';
  return TLS_ERROR.test(code) ? 'TLS_FAILED' : 'CONNECTION_FAILED';
}
