import { randomBytes } from 'node:crypto';

/** Objects of Stripe's API, with the fields that its reference documents and a payment by card has. */
export interface Intent {
  readonly id: string;
  readonly object: 'payment_intent';
  readonly amount: number;
  amount_capturable: number;
  amount_received: number;
  canceled_at: number | null;
  cancellation_reason: string | null;
  readonly capture_method: 'manual';
  readonly client_secret: string;
  created: number;
  readonly currency: string;
  readonly customer: string;
  last_payment_error: object | null;
  latest_charge: string | null;
  readonly livemode: false;
  readonly metadata: Record<string, string>;
  next_action: object | null;
  payment_method: string | null;
  readonly payment_method_types: string[];
  status: string;
}

export interface Charge {
  readonly id: string;
  readonly object: 'charge';
  readonly payment_intent: string;
  readonly payment_method_details: { type: 'card'; card: { capture_before: number } };
  amount_refunded: number;
}

export interface Refund {
  readonly id: string;
  readonly object: 'refund';
  readonly amount: number;
  readonly charge: string | null;
  readonly created: number;
  readonly currency: string;
  readonly metadata: Record<string, string>;
  readonly payment_intent: string;
  status: string;
  failure_reason?: string;
}

export interface Dispute {
  readonly id: string;
  readonly object: 'dispute';
  readonly amount: number;
  readonly charge: string | null;
  readonly currency: string;
  readonly payment_intent: string;
  readonly reason: 'fraudulent';
  status: string;
}

export interface Customer {
  readonly id: string;
  readonly object: 'customer';
  readonly metadata: Record<string, string>;
}

export interface PaymentMethod {
  readonly id: string;
  readonly object: 'payment_method';
  readonly type: 'card';
  readonly card: { brand: string; last4: string; exp_month: number; exp_year: number };
  customer: string | null;
}

export function newId(prefix: string): string {
  return `${prefix}_3${randomBytes(11).toString('hex')}`;
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}

/** An answer of the API. One that is no result of an endpoint is not kept for its idempotency key. */
export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly isKept: boolean;
}

export function ok(body: object): Answer {
  return { status: 200, body, isKept: true };
}

export function refused(status: number, error: object): Answer {
  return { status, body: { error }, isKept: status === 402 || status >= 500 };
}

export function invalid(code: string, param?: string): Answer {
  return refused(400, { type: 'invalid_request_error', code, message: `Refused: ${code}.`, param });
}

export function missing(what: string): Answer {
  return refused(404, { type: 'invalid_request_error', code: 'resource_missing', message: `No such ${what}` });
}
