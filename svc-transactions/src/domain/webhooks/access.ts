import { DomainError } from '@malla/chassis/errors';
import { endpointNotFound, type Owner, type WebhookEndpoint } from './endpoint.ts';
import type { WebhookDeps } from './ports.ts';

type AccessDeps = Pick<WebhookDeps, 'endpoints' | 'storeManagers'>;

/** Whose endpoints a request is about. @param storeId empty for the user's own. */
export function ownerOf(storeId: string, userId: string): Owner {
  return storeId ? { kind: 'store', storeId } : { kind: 'user', userId };
}

/** @throws DomainError `not-found` (STORE_NOT_FOUND), `forbidden` (ROLE_MISSING) unless a user may act for an owner. */
export async function requireOwner(
  owner: Owner,
  userId: string,
  { storeManagers }: Pick<AccessDeps, 'storeManagers'>,
): Promise<void> {
  if (owner.kind === 'store') return storeManagers.requireManager(owner.storeId, userId);
  if (owner.userId !== userId) throw endpointNotFound();
}

/**
 * Finds an endpoint that a user may manage. For everybody else it is not there.
 * @throws DomainError `not-found` (WEBHOOK_ENDPOINT_NOT_FOUND).
 */
export async function requireEndpoint(endpointId: string, userId: string, deps: AccessDeps): Promise<WebhookEndpoint> {
  const endpoint = await requireDeletable(endpointId, userId, deps);
  if (endpoint.deleteTime) throw endpointNotFound();
  return endpoint;
}

/** The same, also of an endpoint that was deleted not long ago. */
export async function requireDeletable(endpointId: string, userId: string, deps: AccessDeps): Promise<WebhookEndpoint> {
  const endpoint = await deps.endpoints.read(endpointId);
  if (!endpoint) throw endpointNotFound();
  await requireOwner(endpoint.owner, userId, deps).catch((error: unknown) => {
    const isStranger = error instanceof DomainError && (error.kind === 'forbidden' || error.kind === 'not-found');
    throw isStranger ? endpointNotFound() : error;
  });
  return endpoint;
}

/** Locks an endpoint, within a transaction. @throws DomainError `not-found` (WEBHOOK_ENDPOINT_NOT_FOUND). */
export async function lockEndpoint(
  endpointId: string,
  { endpoints }: Pick<WebhookDeps, 'endpoints'>,
): Promise<WebhookEndpoint> {
  const endpoint = await endpoints.lock(endpointId);
  if (!endpoint || endpoint.deleteTime) throw endpointNotFound();
  return endpoint;
}
