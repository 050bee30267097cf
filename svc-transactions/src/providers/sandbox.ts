import { DomainError } from '@malla/chassis/errors';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import type { DisputeState, Notification, Operation, Outcome, PaymentProvider } from '../domain/payments/provider.ts';
import { legibly, readJson } from './json.ts';

export interface SandboxOptions {
  /** Where the sandbox is: `http://127.0.0.1:50062`. */
  readonly url: string;
  readonly apiKey: string;
  readonly webhookSecret: string;
  /** How long an answer is waited for, in milliseconds. */
  readonly timeoutMs: number;
}

/** Standard Webhooks. */
const SIGNATURE_HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
/** Not found, and what is no address of a token. Other refusals (401, 429) say nothing of the token. */
const NO_TOKEN = [400, 404, 414];
const answerSchema = z.object({
  operation: z.string(),
  payment: z.string(),
  status: z.enum(['succeeded', 'declined', 'action']),
  decline_code: z.string().max(64),
  expire_time: z.coerce.date(),
});
const notificationSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('operation.finished'), data: answerSchema }),
  z.object({
    type: z.enum(['dispute.opened', 'dispute.won', 'dispute.lost']),
    data: z.object({ dispute: z.string().max(64), reference: z.string(), amount: z.int().positive() }),
  }),
]);
const cardSchema = z.object({ brand: z.string(), last4: z.string(), expiry_month: z.int(), expiry_year: z.int() });

/** The built-in sandbox, a process of its own behind an HTTP API. */
export function createSandboxProvider(options: SandboxOptions): PaymentProvider {
  const webhook = new Webhook(options.webhookSecret);
  const call = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, options.url), {
      ...init,
      headers: { authorization: `Bearer ${options.apiKey}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(options.timeoutMs),
    });
  const toOutcome = (answer: z.output<typeof answerSchema>): Outcome => {
    const { status, decline_code: declineCode, expire_time: expireTime, payment: reference } = answer;
    if (status === 'declined') return { status, declineCode };
    if (status === 'succeeded') return { status, expireTime, reference };
    return { status, expireTime, reference, actionUrl: new URL(`/challenges/${reference}`, options.url).href };
  };
  return {
    name: 'sandbox',
    perform: async (operation) => {
      const response = await call('/v1/operations', { method: 'POST', body: bodyOf(operation) });
      // It made no sense to the sandbox, and so was not done.
      if (response.status === 400) return declinedAs('request_invalid', response);
      return toOutcome(answerSchema.parse(await jsonOf(response)));
    },
    look: async ({ operationId }) => {
      const response = await call(`/v1/operations/${operationId}`);
      if (response.status !== 404) return toOutcome(answerSchema.parse(await jsonOf(response)));
      await response.body?.cancel();
      return undefined;
    },
    keep: async (token) => {
      const response = await call(`/v1/tokens/${encodeURIComponent(token)}`).catch(unavailable);
      if (NO_TOKEN.includes(response.status)) return void (await response.body?.cancel());
      const card = cardSchema.parse(await jsonOf(response).catch(unavailable));
      const { brand, last4, expiry_month: expiryMonth, expiry_year: expiryYear } = card;
      return { token, brand, last4, expiryMonth, expiryYear };
    },
    forget: async () => undefined,
    verify: (body, header) => {
      const headers = Object.fromEntries(SIGNATURE_HEADERS.map((name) => [name, header(name)]));
      try {
        webhook.verify(body, headers, { jsonParse: false });
        return headers['webhook-id'];
      } catch {
        return undefined;
      }
    },
    read: (body) => legibly(() => toNotification(notificationSchema.parse(readJson(body)), toOutcome)),
  };
}

/** `expire` is a void to the sandbox. */
function bodyOf({ operationId, paymentId, kind, amountMinor, currencyCode, token }: Operation): string {
  return JSON.stringify({
    id: operationId,
    kind: kind === 'expire' ? 'void' : kind,
    reference: paymentId,
    amount: Number(amountMinor),
    currency: currencyCode,
    token,
  });
}

async function declinedAs(declineCode: string, response: Response): Promise<Outcome> {
  await response.body?.cancel();
  return { status: 'declined', declineCode };
}

async function jsonOf(response: Response): Promise<unknown> {
  if (response.ok) return response.json();
  await response.body?.cancel();
  throw new Error(`the sandbox answered ${response.status}`);
}

function toNotification(
  { type, data }: z.output<typeof notificationSchema>,
  toOutcome: (answer: z.output<typeof answerSchema>) => Outcome,
): Notification {
  if (type === 'operation.finished') {
    return { type: 'operation', operationId: data.operation, outcome: toOutcome(data) };
  }
  const event = type.slice('dispute.'.length) as DisputeState;
  const { dispute: disputeId, reference: paymentId, amount } = data;
  return { type: 'dispute', disputeId, of: { paymentId }, currencyCode: undefined, amountMinor: BigInt(amount), event };
}

function unavailable(cause: unknown): never {
  const details = { retryAfterMs: 1_000 };
  throw new DomainError('unavailable', 'PROVIDER_UNAVAILABLE', 'The provider cannot be asked now.', details, { cause });
}
