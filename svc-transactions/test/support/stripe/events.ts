import { Metadata } from '@grpc/grpc-js';
import Stripe from 'stripe';
import type { Clients } from '../clients.ts';
import { newId, nowSeconds } from './shapes.ts';

const RETRY_MS = 200;

/** An event, as it is told. */
export interface StripeEvent {
  readonly id: string;
  readonly type: string;
  readonly body: string;
}

/** What happened in an account, and how it is told to a service: by signed webhooks, again until they are taken. */
export class EventLog {
  readonly all: StripeEvent[] = [];
  readonly #secret: string;
  #clients: Clients | undefined;
  /** What waits for somebody who takes it. */
  #waiting: StripeEvent[] = [];
  #isHeld = false;

  constructor(secret: string) {
    this.#secret = secret;
  }

  add(type: string, object: object): void {
    const id = newId('evt');
    const about = { api_version: '2026-10-28.endive', created: nowSeconds(), livemode: false, pending_webhooks: 1 };
    const body = JSON.stringify({ id, object: 'event', type, ...about, data: { object } });
    this.all.push({ id, type, body });
    this.#waiting.push({ id, type, body });
    if (!this.#isHeld) setImmediate(() => void this.flush());
  }

  /** Lets events through to a service. */
  connect(clients: Clients): void {
    this.#clients = clients;
  }

  /** Keeps what happens to itself until it is released. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Tells what was held, in another order and more than once when that is wanted. */
  async release(arrange: (events: StripeEvent[]) => StripeEvent[] = (events) => events): Promise<void> {
    this.#isHeld = false;
    this.#waiting = arrange(this.#waiting);
    await this.flush();
  }

  /** Forgets what was held: it is never told. */
  drop(): void {
    this.#waiting = [];
  }

  async flush(): Promise<void> {
    for (const event of this.#waiting.splice(0)) {
      await this.send(event).catch(() => {
        this.#waiting.push(event);
        setTimeout(() => void this.flush(), RETRY_MS).unref();
      });
    }
  }

  /** Tells one event. @throws ServiceError when it is not taken. */
  async send({ body }: Pick<StripeEvent, 'body'>, signed: { body?: string; timestamp?: number } = {}): Promise<void> {
    const metadata = new Metadata();
    metadata.set('stripe-signature', this.sign(signed.body ?? body, signed.timestamp));
    const content = { contentType: 'application/json', data: Buffer.from(body), extensions: [] };
    await this.#clients?.providers.receiveProviderWebhook({ provider: 'stripe', content }, { metadata });
  }

  sign(payload: string, timestamp: number = nowSeconds()): string {
    const webhooks = new Stripe('sk_test_signs').webhooks;
    return webhooks.generateTestHeaderString({ payload, secret: this.#secret, timestamp });
  }

  stop(): void {
    this.#clients = undefined;
    this.#isHeld = true;
  }
}
