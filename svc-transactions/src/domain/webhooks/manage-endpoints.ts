import { DomainError, type FieldViolation } from '@malla/chassis/errors';
import { expandMask, type MaskRules, maskedValues } from '@malla/chassis/field-mask';
import { newId } from '../ids.ts';
import type { Once } from '../payments/ports.ts';
import { lockEndpoint, ownerOf, requireDeletable, requireEndpoint, requireOwner } from './access.ts';
import { changedEndpoint, type EndpointFields, newEndpoint, type WebhookEndpoint } from './endpoint.ts';
import type { WebhookDeps } from './ports.ts';
import { removeEndpoint } from './remove-endpoints.ts';
import { newSecret, replaceSecret } from './secret.ts';

const ENDPOINTS_MAX = 20;
const MASK: MaskRules<EndpointFields> = {
  fields: { url: 'url', event_types: 'eventTypes', enabled: 'enabled' },
  outputOnly: new Set([
    ...['webhook_endpoint_id', 'store_id', 'user_id', 'disabled_reason', 'failing_since_time'],
    ...['old_secrets_expire_time', 'create_time', 'update_time', 'etag'],
  ]),
};

/** An endpoint, and until when old secrets of it sign too. */
export interface EndpointView {
  readonly endpoint: WebhookEndpoint;
  readonly oldSecretsExpireTime: Date | undefined;
}

/** An endpoint and its new secret; empty where it was shown before. */
export interface EndpointWithSecret extends EndpointView {
  readonly secret: string;
}

/**
 * Creates an endpoint of a store or of the user. Its secret is not kept with the answer: repeated, the request answers without.
 * @throws DomainError `invalid` (WEBHOOK_URL_REFUSED), `not-found` (STORE_NOT_FOUND), `forbidden` (ROLE_MISSING), `exhausted`
 *   (WEBHOOK_ENDPOINTS_TOO_MANY).
 */
export async function createEndpoint(
  userId: string,
  request: { readonly storeId: string; readonly url: string; readonly eventTypes: readonly string[] },
  once: Once<EndpointWithSecret>,
  deps: WebhookDeps,
): Promise<EndpointWithSecret> {
  const owner = ownerOf(request.storeId, userId);
  await requireOwner(owner, userId, deps);
  await checkUrl('url', request.url, deps);
  const endpoint = newEndpoint(newId.webhookEndpoint(), owner, request, deps.clock.now());
  const { secret, row } = await newSecret(endpoint.endpointId, deps);
  const view = { endpoint, oldSecretsExpireTime: undefined };
  return deps.transact(async () => {
    await once.begin(endpoint.endpointId);
    if ((await deps.endpoints.lockAll(owner)).length >= ENDPOINTS_MAX) throw tooMany();
    await deps.endpoints.add(endpoint);
    await deps.secrets.add(row);
    await once.finish({ ...view, secret: '' });
    return { ...view, secret };
  });
}

/** @throws DomainError `not-found` (WEBHOOK_ENDPOINT_NOT_FOUND). */
export async function getEndpoint(endpointId: string, userId: string, deps: WebhookDeps): Promise<EndpointView> {
  return toView(await requireEndpoint(endpointId, userId, deps), deps);
}

/**
 * The endpoints of a store, or the user's own, newest first.
 * @param storeId empty for the user's own.
 * @throws DomainError `not-found` (STORE_NOT_FOUND), `forbidden` (ROLE_MISSING).
 */
export async function listEndpoints(storeId: string, userId: string, deps: WebhookDeps): Promise<EndpointView[]> {
  const owner = ownerOf(storeId, userId);
  await requireOwner(owner, userId, deps);
  return toViews(await deps.endpoints.list(owner), deps);
}

/**
 * Changes the fields of an endpoint that a mask names.
 * @throws DomainError `not-found` (WEBHOOK_ENDPOINT_NOT_FOUND), `invalid` (WEBHOOK_URL_REFUSED, UPDATE_MASK_INVALID), `aborted`
 *   (ETAG_MISMATCH).
 */
export async function updateEndpoint(
  userId: string,
  update: EndpointFields & { readonly endpointId: string; readonly etag: string },
  mask: readonly string[],
  deps: WebhookDeps,
): Promise<EndpointView> {
  await requireEndpoint(update.endpointId, userId, deps);
  const changes = maskedValues(expandMask(mask, update, MASK), update, MASK);
  if ('enabled' in changes && changes.enabled === undefined) throw enabledMissing();
  if (changes.url !== undefined) await checkUrl('webhook_endpoint.url', changes.url, deps);
  return deps.transact(async () => {
    const endpoint = await lockEndpoint(update.endpointId, deps);
    const changed = changedEndpoint(endpoint, changes, update.etag, deps.clock.now());
    await deps.endpoints.save(changed);
    return toView(changed, deps);
  });
}

/** Deletes an endpoint, and its secrets at once; again without effect. @throws as `getEndpoint` does. */
export async function deleteEndpoint(endpointId: string, userId: string, deps: WebhookDeps): Promise<void> {
  await requireDeletable(endpointId, userId, deps);
  await deps.transact(() => removeEndpoint(endpointId, deps));
}

/**
 * Gives an endpoint a new secret; the old ones sign too for a while.
 * @throws DomainError `exhausted` (WEBHOOK_SECRETS_TOO_MANY), and as `getEndpoint` does.
 */
export async function rotateSecret(
  endpointId: string,
  userId: string,
  overlapMs: number,
  deps: WebhookDeps,
): Promise<EndpointWithSecret> {
  await requireEndpoint(endpointId, userId, deps);
  const { secret, row } = await newSecret(endpointId, deps);
  return deps.transact(async () => {
    const endpoint = await lockEndpoint(endpointId, deps);
    await replaceSecret(row, overlapMs, deps);
    return { ...(await toView(endpoint, deps)), secret };
  });
}

async function toView(endpoint: WebhookEndpoint, deps: WebhookDeps): Promise<EndpointView> {
  const [view] = await toViews([endpoint], deps);
  return view ?? { endpoint, oldSecretsExpireTime: undefined };
}

async function toViews(
  endpoints: readonly WebhookEndpoint[],
  { secrets, clock }: WebhookDeps,
): Promise<EndpointView[]> {
  const ids = endpoints.map(({ endpointId }) => endpointId);
  const signing = await secrets.list(ids, clock.now());
  return endpoints.map((endpoint) => {
    const own = signing.filter(({ endpointId }) => endpointId === endpoint.endpointId);
    const ends = own.flatMap(({ expireTime }) => (expireTime ? [expireTime.getTime()] : []));
    return { endpoint, oldSecretsExpireTime: ends.length > 0 ? new Date(Math.max(...ends)) : undefined };
  });
}

async function checkUrl(field: string, url: string, { targets }: Pick<WebhookDeps, 'targets'>): Promise<void> {
  const description = await targets.faultOf(url);
  if (description === undefined) return;
  throw invalid('WEBHOOK_URL_REFUSED', 'Nothing is sent to this URL.', {
    ...{ field, reason: 'WEBHOOK_URL_REFUSED', description },
  });
}

function enabledMissing(): DomainError {
  const field = 'webhook_endpoint.enabled';
  const fault = { field, reason: 'REQUIRED', description: 'is named by the update mask and has no value' };
  return invalid('WEBHOOK_ENDPOINT_INVALID', 'A field is missing.', fault);
}

function invalid(reason: string, message: string, fault: FieldViolation): DomainError {
  return new DomainError('invalid', reason, message, { fields: [fault] });
}

function tooMany(): DomainError {
  const message = `A store or a user has at most ${ENDPOINTS_MAX} endpoints.`;
  return new DomainError('exhausted', 'WEBHOOK_ENDPOINTS_TOO_MANY', message);
}
