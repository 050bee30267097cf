import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Account } from './account.ts';
import { ENDPOINTS } from './endpoints.ts';
import { EventLog } from './events.ts';
import { readForm } from './form.ts';
import { type Answer, refused } from './shapes.ts';

/** What goes wrong with a request. */
export type Fault =
  /** Done, and the connection breaks before the answer. */
  | 'answer-lost'
  /** Not done, and the connection breaks. */
  | 'request-lost'
  /** Not done, and that is kept for the idempotency key. */
  | 'failed'
  | 'rate-limited'
  /** Done, and told late. */
  | 'slow';

const SLOW_MS = 1_500;

interface Kept {
  readonly fingerprint: string;
  readonly answer: Answer | undefined;
}

/** A double of Stripe's API on this machine, with an account of its own. */
export interface StripeDouble {
  readonly url: string;
  readonly apiKey: string;
  readonly webhookSecret: string;
  readonly account: Account;
  readonly events: EventLog;
  /** Every request that came: `POST /v1/refunds`. */
  readonly requests: string[];
  /** Has the next request to an endpoint go wrong. */
  fail(endpoint: string, fault: Fault): void;
  /** The user passes a challenge, or fails it. */
  answerChallenge(actionUrl: string, answer: 'pass' | 'fail'): void;
  /** Nobody hears from Stripe until it is back. */
  isAway: boolean;
  /** Idempotency keys are old enough to be forgotten. */
  forgetKeys(): void;
  stop(): Promise<void>;
}

export async function startStripe(): Promise<StripeDouble> {
  const apiKey = `sk_test_${randomBytes(12).toString('hex')}`;
  const webhookSecret = `whsec_${randomBytes(16).toString('hex')}`;
  const events = new EventLog(webhookSecret);
  const account = new Account((type, object) => events.add(type, object));
  const kept = new Map<string, Kept>();
  const faults: { endpoint: string; fault: Fault }[] = [];
  const requests: string[] = [];
  let url = '';
  const server = createServer((request, response) => void serve(request, response));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? '', url);
    const [endpoint, id] = match(`${request.method} ${pathname}`);
    requests.push(endpoint);
    if (double.isAway) return void request.socket.destroy();
    const body = request.method === 'POST' ? await readText(request) : search.slice(1);
    if (request.headers.authorization !== `Bearer ${apiKey}`) {
      return send(response, refused(401, { type: 'invalid_request_error', message: 'Invalid API Key provided' }));
    }
    const at = faults.findIndex((one) => one.endpoint === endpoint);
    const fault = at < 0 ? undefined : faults.splice(at, 1)[0]?.fault;
    if (fault === 'request-lost') return void request.socket.destroy();
    if (fault === 'rate-limited') return send(response, refused(429, { type: 'rate_limit_error', code: 'rate_limit' }));
    const key = request.method === 'POST' ? request.headers['idempotency-key'] : undefined;
    const work = () =>
      fault === 'failed'
        ? refused(500, { type: 'api_error', message: 'Something went wrong.' })
        : (ENDPOINTS[endpoint]?.(account, readForm(body), id, url) ?? refused(404, { type: 'invalid_request_error' }));
    const answer = key ? once(String(key), `${pathname} ${body}`, work) : work();
    if (fault === 'slow') await sleep(SLOW_MS);
    if (fault === 'answer-lost') return void request.socket.destroy();
    send(response, answer);
  }

  /** https://docs.stripe.com/api/idempotent_requests */
  function once(key: string, fingerprint: string, work: () => Answer): Answer {
    const known = kept.get(key);
    if (known && known.fingerprint !== fingerprint) return refused(400, { type: 'idempotency_error' });
    if (known?.answer) return known.answer;
    const answer = work();
    if (answer.isKept) kept.set(key, { fingerprint, answer });
    return answer;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const double: StripeDouble = {
    ...{ url, apiKey, webhookSecret, account, events, requests, isAway: false },
    fail: (endpoint, fault) => void faults.push({ endpoint, fault }),
    answerChallenge: (actionUrl, answer) => {
      const intent = account.intents.find(({ id }) => actionUrl.endsWith(id));
      if (intent?.status !== 'requires_action') throw new Error('there is nothing to pass');
      if (answer === 'pass') account.authorise(intent);
      else account.decline(intent, 'payment_intent_authentication_failure');
    },
    forgetKeys: () => kept.clear(),
    stop: async () => {
      events.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return double;
}

function match(request: string): [endpoint: string, id: string] {
  if (ENDPOINTS[request]) return [request, ''];
  const id = request.split('/')[3] ?? '';
  return [request.replace(`/${id}`, '/:id'), id];
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const headers = { 'content-type': 'application/json', 'request-id': `req_${randomUUID()}` };
  response.writeHead(status, headers).end(JSON.stringify(body));
}
