import { randomBytes } from 'node:crypto';
import { DomainError } from '@malla/chassis/errors';
import { plus } from '../clock.ts';
import { newId } from '../ids.ts';
import type { WebhookDeps } from './ports.ts';

const SECRET_BYTES = 32;
/** Each message carries a signature by every secret that signs. */
const SIGNING_MAX = 5;

/** Makes a secret of an endpoint, encrypted for the database. @returns it as it is shown, once. */
export async function newSecret(endpointId: string, { vault }: Pick<WebhookDeps, 'vault'>) {
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
  const sealed = await vault.seal(secret, endpointId);
  return { secret, row: { secretId: newId.webhookSecret(), endpointId, sealed, expireTime: null } };
}

/**
 * Replaces the secret of an endpoint that is locked. Those that sign go on for a while: should the answer be lost and the
 * secret replaced again, the receivers still know one that signs.
 * @throws DomainError `exhausted` (WEBHOOK_SECRETS_TOO_MANY).
 */
export async function replaceSecret(
  row: Awaited<ReturnType<typeof newSecret>>['row'],
  overlapMs: number,
  { secrets, clock }: Pick<WebhookDeps, 'secrets' | 'clock'>,
): Promise<void> {
  const now = clock.now();
  const signing = await secrets.list([row.endpointId], now);
  if (overlapMs > 0 && signing.length >= SIGNING_MAX) throw tooMany();
  await secrets.expire(row.endpointId, plus(now, overlapMs));
  await secrets.add(row);
}

function tooMany(): DomainError {
  const message = `At most ${SIGNING_MAX} secrets sign at once. An overlap of 0 ends the old ones.`;
  return new DomainError('exhausted', 'WEBHOOK_SECRETS_TOO_MANY', message);
}
