import { DomainError } from '@malla/chassis/errors';
import { plus } from '../clock.ts';

/** Whose events an endpoint hears: all of a store, or those of a user's own purchases and payments. */
export type Owner =
  | { readonly kind: 'store'; readonly storeId: string }
  | { readonly kind: 'user'; readonly userId: string };

/** The id of a store or of a user. */
export function ownerIdOf(owner: Owner): string {
  return owner.kind === 'store' ? owner.storeId : owner.userId;
}

/** Why nothing is sent; empty when it is. */
export type DisabledReason = '' | 'BY_OWNER' | 'FAILED_FOR_LONG' | 'GONE';

/** Where a merchant or an app hears of events. */
export interface WebhookEndpoint {
  readonly endpointId: string;
  readonly owner: Owner;
  readonly url: string;
  /** None for all. */
  readonly eventTypes: readonly string[];
  readonly disabledReason: DisabledReason;
  /** Turns since a try succeeded. */
  readonly failures: number;
  readonly failingSince: Date | null;
  /** Nothing is sent before. */
  readonly holdTime: Date;
  /** Grows with each change that its owner sees. */
  readonly version: number;
  readonly createTime: Date;
  readonly updateTime: Date;
  readonly deleteTime: Date | null;
}

/** What its owner may change. */
export interface EndpointFields {
  readonly url: string;
  readonly eventTypes: readonly string[];
  readonly enabled: boolean | undefined;
}

export function newEndpoint(
  endpointId: string,
  owner: Owner,
  { url, eventTypes }: Pick<EndpointFields, 'url' | 'eventTypes'>,
  now: Date,
): WebhookEndpoint {
  return {
    ...{ endpointId, owner, url, eventTypes, disabledReason: '', failures: 0, failingSince: null, holdTime: now },
    ...{ version: 1, createTime: now, updateTime: now, deleteTime: null },
  };
}

/**
 * An endpoint after a change by its owner. A new URL, and being enabled again, are a fresh start.
 * @param etag the version that the change is meant for; empty for whichever it is.
 * @throws DomainError `aborted` (ETAG_MISMATCH).
 */
export function changedEndpoint(
  endpoint: WebhookEndpoint,
  { url = endpoint.url, eventTypes = endpoint.eventTypes, enabled }: Partial<EndpointFields>,
  etag: string,
  now: Date,
): WebhookEndpoint {
  if (etag !== '' && etag !== etagOf(endpoint)) {
    throw new DomainError('aborted', 'ETAG_MISMATCH', 'The endpoint has changed since it was read.');
  }
  const wasDisabled = endpoint.disabledReason !== '';
  const isFresh = url !== endpoint.url || (enabled === true && wasDisabled);
  const reason = wasDisabled ? endpoint.disabledReason : 'BY_OWNER';
  return {
    ...{ ...endpoint, url, eventTypes, updateTime: now, version: endpoint.version + 1 },
    ...(enabled !== undefined && { disabledReason: enabled ? '' : reason }),
    ...(isFresh && { failures: 0, failingSince: null, holdTime: now }),
  };
}

/** The entity tag of an endpoint (AIP-154). */
export function etagOf({ version }: WebhookEndpoint): string {
  return `v${version}`;
}

/** How long nothing succeeds before an endpoint is disabled, and over how many turns. */
const FAILING_MAX = { ms: 5 * 86_400_000, turns: 10 };

/** What a turn has shown of an endpoint. */
export interface TurnOutcome {
  readonly succeeded: boolean;
  /** It says that nobody will ever be there again. */
  readonly gone: boolean;
  /** Nothing is sent before. */
  readonly holdTime: Date;
}

/** An endpoint after a turn. */
export function afterTurn(endpoint: WebhookEndpoint, outcome: TurnOutcome, now: Date): WebhookEndpoint {
  const { succeeded, gone, holdTime } = outcome;
  if (succeeded && !gone) return { ...endpoint, failures: 0, failingSince: null, holdTime };
  const failures = endpoint.failures + 1;
  const failingSince = endpoint.failingSince ?? now;
  const isHopeless = failures >= FAILING_MAX.turns && plus(failingSince, FAILING_MAX.ms) <= now;
  const failing = { ...endpoint, failures, failingSince, holdTime };
  if (endpoint.disabledReason !== '' || !(gone || isHopeless)) return failing;
  const disabledReason = gone ? 'GONE' : 'FAILED_FOR_LONG';
  return { ...failing, disabledReason, version: endpoint.version + 1, updateTime: now };
}

export function endpointNotFound(): DomainError {
  return new DomainError('not-found', 'WEBHOOK_ENDPOINT_NOT_FOUND', 'There is no such endpoint.');
}

/** @throws DomainError `precondition` (WEBHOOK_ENDPOINT_DISABLED). */
export function requireEnabled({ disabledReason }: WebhookEndpoint): void {
  if (disabledReason === '') return;
  const reason = 'WEBHOOK_ENDPOINT_DISABLED';
  const fields = [{ field: 'webhook_endpoint_id', reason, description: 'is of an endpoint that is not enabled' }];
  const metadata = { disabled_reason: disabledReason };
  throw new DomainError('precondition', reason, 'The endpoint is not enabled.', { fields, metadata });
}
