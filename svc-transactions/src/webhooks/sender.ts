import { type IncomingMessage, request as requestPlain } from 'node:http';
import { type RequestOptions, request as requestSecure } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { TryOutcome } from '../domain/webhooks/delivery.ts';
import type { Message, Send } from '../domain/webhooks/ports.ts';
import { TargetError, type Targets } from './targets.ts';

/** What an endpoint answers is read so far, for the sake of its logs, and thrown away: nobody is shown it. */
const ANSWER_BYTES_MAX = 16_384;
const HEADER_BYTES_MAX = 16_384;
/** What Node says of a handshake that failed. */
const TLS_ERROR = /^ERR_(?:TLS|SSL)|CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|^EPROTO$/;

export interface SenderOptions {
  readonly targets: Targets;
  /** How long a try may take, from the first question to a name server to the last byte. */
  readonly timeoutMs: number;
  /** Whom to trust, in PEM. Default: those whom Node trusts. */
  readonly ca?: string | undefined;
}

/** Sends messages by the scheme of Standard Webhooks. Redirects are not followed. */
export function createSender({ targets, timeoutMs, ca }: SenderOptions): Send {
  return async (message) => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const { url, addresses } = await targets.resolve(message.url);
      signal.throwIfAborted();
      const options = { signal, lookup: pinnedTo(addresses), ...(ca && { ca }) };
      return outcomeOf(await post(url, message, options));
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

function post(url: URL, message: Message, options: RequestOptions): Promise<IncomingMessage> {
  const body = Buffer.from(message.body);
  const request = (url.protocol === 'https:' ? requestSecure : requestPlain)(url, {
    ...options,
    ...{ method: 'POST', agent: false, maxHeaderSize: HEADER_BYTES_MAX, rejectUnauthorized: true },
    headers: { ...headersOf(message), 'content-type': 'application/json', 'content-length': body.byteLength },
  });
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    // Once there is an answer its status counts, however the rest of it ends.
    const fail = (error: Error) => (isAnswered ? undefined : reject(error));
    request.on('error', fail);
    request.on('close', () => fail(new Error('closed without an answer')));
    request.on('response', (response) => {
      isAnswered = true;
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength;
        if (bytes > ANSWER_BYTES_MAX) response.destroy();
      });
      response.on('error', () => undefined);
      response.on('close', () => resolve(response));
    });
    request.end(body);
  });
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

function outcomeOf({ statusCode: status = 0, headers }: IncomingMessage): TryOutcome {
  if (status >= 200 && status < 300) return { status, error: '', retryAfterMs: undefined };
  const error = status >= 300 && status < 400 ? 'REDIRECT' : 'HTTP_STATUS';
  return { status, error, retryAfterMs: retryAfterMsOf(headers['retry-after']) };
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
