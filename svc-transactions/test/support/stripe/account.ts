import { CARDS, type CardBehaviour } from './cards.ts';
import {
  type Charge,
  type Customer,
  type Dispute,
  type Intent,
  newId,
  nowSeconds,
  type PaymentMethod,
  type Refund,
} from './shapes.ts';

const CAPTURE_BEFORE_SECONDS = 7 * 86_400;

/** Everything that an account at Stripe holds, and what happens in it. */
export class Account {
  readonly intents: Intent[] = [];
  readonly charges = new Map<string, Charge>();
  readonly refunds: Refund[] = [];
  readonly disputes: Dispute[] = [];
  readonly customers = new Map<string, Customer>();
  readonly methods = new Map<string, PaymentMethod>();
  readonly #behaviours = new Map<string, CardBehaviour>();
  readonly #emit: (type: string, object: object) => void;

  constructor(emit: (type: string, object: object) => void) {
    this.#emit = emit;
  }

  /** A payment method; those of the tests are made anew each time. */
  method(id: string): PaymentMethod | undefined {
    return this.methods.get(id) ?? (CARDS[id] && this.#card(id, CARDS[id]));
  }

  /** Keeps a payment method. What the tests' are attached as has an id of its own. */
  attach(id: string, customer: string): PaymentMethod | undefined {
    const known = this.methods.get(id);
    if (known) return Object.assign(known, { customer });
    const behaviour = CARDS[id];
    if (!behaviour) return undefined;
    const method = { ...this.#card(newId('pm'), behaviour), customer };
    this.methods.set(method.id, method);
    this.#behaviours.set(method.id, behaviour);
    return method;
  }

  behaviour(methodId: string): CardBehaviour {
    return this.#behaviours.get(methodId) ?? CARDS[methodId] ?? { last4: '' };
  }

  behaviourOf({ payment_method }: Intent): CardBehaviour {
    return this.behaviour(payment_method ?? '');
  }

  /** The card is good for the amount. */
  authorise(intent: Intent): void {
    const card = { capture_before: nowSeconds() + CAPTURE_BEFORE_SECONDS };
    const details = { type: 'card', card } as const;
    const charge: Charge = {
      ...{ id: newId('ch'), object: 'charge', payment_intent: intent.id },
      ...{ payment_method_details: details, amount_refunded: 0 },
    };
    this.charges.set(charge.id, charge);
    const changes = { status: 'requires_capture', amount_capturable: intent.amount, latest_charge: charge.id };
    Object.assign(intent, changes, { next_action: null, last_payment_error: null });
    this.#emit('payment_intent.amount_capturable_updated', intent);
  }

  /** The card is not. @returns the error. */
  decline(intent: Intent, code: string, declineCode?: string): object {
    const decline = declineCode === undefined ? {} : { decline_code: declineCode };
    const error = { type: 'card_error', code, ...decline, message: 'Your card was declined.' };
    Object.assign(intent, { status: 'requires_payment_method', next_action: null, last_payment_error: error });
    this.#emit('payment_intent.payment_failed', intent);
    return error;
  }

  capture(intent: Intent, amount: number): void {
    Object.assign(intent, { status: 'succeeded', amount_received: amount, amount_capturable: 0 });
    this.#emit('payment_intent.succeeded', intent);
    if (this.behaviourOf(intent).isDisputed) this.dispute(intent, amount);
  }

  cancel(intent: Intent, reason: string | null): void {
    Object.assign(intent, { status: 'canceled', canceled_at: nowSeconds(), cancellation_reason: reason });
    Object.assign(intent, { amount_capturable: 0, next_action: null });
    this.#emit('payment_intent.canceled', intent);
  }

  dispute(intent: Intent, amount: number, status = 'needs_response'): Dispute {
    const { currency, id: payment_intent, latest_charge: charge } = intent;
    const about = { amount, currency, payment_intent, charge, reason: 'fraudulent', status } as const;
    const dispute: Dispute = { id: newId('du'), object: 'dispute', ...about };
    this.disputes.push(dispute);
    this.#emit('charge.dispute.created', dispute);
    if (!status.startsWith('warning_')) this.#emit('charge.dispute.funds_withdrawn', dispute);
    return dispute;
  }

  closeDispute(dispute: Dispute, status: string): void {
    dispute.status = status;
    this.#emit('charge.dispute.closed', dispute);
  }

  refund(intent: Intent, amount: number, metadata: Record<string, string>): Refund {
    const { refundPends } = this.behaviourOf(intent);
    const { currency, id: payment_intent, latest_charge: charge } = intent;
    const refund: Refund = {
      ...{ id: newId('re'), object: 'refund', amount, charge, created: nowSeconds(), currency, metadata },
      ...{ payment_intent, status: refundPends ? 'pending' : 'succeeded' },
    };
    this.refunds.push(refund);
    this.#emit('refund.created', refund);
    return refund;
  }

  /** The bank sends a refund back, or has it. */
  endRefund(refund: Refund, status: 'succeeded' | 'failed'): void {
    Object.assign(refund, { status }, status === 'failed' ? { failure_reason: 'lost_or_stolen_card' } : {});
    this.#emit('refund.updated', refund);
    if (status === 'failed') this.#emit('refund.failed', refund);
  }

  refundedOf({ id }: Intent): number {
    const live = this.refunds.filter(({ payment_intent, status }) => payment_intent === id && status !== 'failed');
    return live.reduce((total, { amount }) => total + amount, 0);
  }

  #card(id: string, { last4 }: CardBehaviour): PaymentMethod {
    const card = { brand: 'visa', last4, exp_month: 8, exp_year: 2031 };
    return { id, object: 'payment_method', type: 'card', card, customer: null };
  }
}
