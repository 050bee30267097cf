import type { Clock } from '../clock.ts';
import type { StoreManagers, Transact } from '../ports.ts';
import type { Delivery, DeliveryState, TryOutcome } from './delivery.ts';
import type { Owner, WebhookEndpoint } from './endpoint.ts';
import type { WebhookEvent } from './event.ts';

export interface WebhookEndpoints {
  /** Finds an endpoint, also one that is deleted. */
  read(endpointId: string): Promise<WebhookEndpoint | undefined>;
  /** Finds and locks, within a transaction. Whoever changes an endpoint or its deliveries locks it first. */
  lock(endpointId: string): Promise<WebhookEndpoint | undefined>;
  /** The endpoints of an owner that are not deleted, newest first. */
  list(owner: Owner): Promise<WebhookEndpoint[]>;
  /** The same, one transaction after the other for each owner. */
  lockAll(owner: Owner): Promise<WebhookEndpoint[]>;
  add(endpoint: WebhookEndpoint): Promise<void>;
  /** Saves everything that changes, and when its next turn is: when it is enabled and something waits. */
  save(endpoint: WebhookEndpoint): Promise<void>;
}

/** A secret that signs, encrypted. */
export interface SealedSecret {
  readonly secretId: string;
  readonly endpointId: string;
  readonly sealed: string;
  /** Null for the newest one. */
  readonly expireTime: Date | null;
}

export interface WebhookSecrets {
  /** Those of some endpoints that sign at `now`, newest first for each endpoint. */
  list(endpointIds: readonly string[], now: Date): Promise<SealedSecret[]>;
  add(secret: SealedSecret): Promise<void>;
  /** Ends all secrets of an endpoint that sign now at `time`, unless they end before. */
  expire(endpointId: string, time: Date): Promise<void>;
}

/** Encrypts secrets. */
export interface SecretVault {
  /** @param endpointId what the secret belongs to: for another endpoint it does not open. */
  seal(secret: string, endpointId: string): Promise<string>;
  /** @throws Error when it was encrypted under another key, or for another endpoint. */
  open(sealed: string, endpointId: string): Promise<string>;
}

/** A delivery, and the body that is sent. */
export interface DeliveryView {
  readonly delivery: Delivery;
  readonly body: string;
}

export interface Deliveries {
  read(endpointId: string, eventId: string): Promise<DeliveryView | undefined>;
  /** Those of an endpoint in a state, or in any; newest event first, older than the event `before`. */
  list(
    endpointId: string,
    state: DeliveryState | undefined,
    limit: number,
    before: string | undefined,
  ): Promise<Delivery[]>;
  /** Adds a delivery of an event that only this endpoint hears. */
  addOnly(event: WebhookEvent, delivery: Delivery): Promise<void>;
  /** Saves what became of some deliveries of one endpoint. */
  save(deliveries: readonly Delivery[]): Promise<void>;
}

/** Says where events may be sent: nowhere within. */
export interface WebhookTargets {
  /** Why nothing may be sent to a URL; undefined when it may. A host that is not found now may be later. */
  faultOf(url: string): Promise<string | undefined>;
}

/** One message as it goes out. */
export interface Message {
  readonly url: string;
  readonly eventId: string;
  readonly body: string;
  /** The secrets that sign, newest first. */
  readonly secrets: readonly string[];
}

/** Sends a message. Never throws: whatever goes wrong is an outcome, and so is being given up by `signal`. */
export type Send = (message: Message, signal?: AbortSignal) => Promise<TryOutcome>;

/** What the use cases of webhooks need. */
export interface WebhookDeps {
  readonly transact: Transact;
  readonly endpoints: WebhookEndpoints;
  readonly secrets: WebhookSecrets;
  readonly vault: SecretVault;
  readonly deliveries: Deliveries;
  readonly targets: WebhookTargets;
  readonly storeManagers: StoreManagers;
  readonly clock: Clock;
}
