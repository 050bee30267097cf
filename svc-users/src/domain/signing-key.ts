import { plus } from './clock.ts';

/** A public key as a JSON Web Key (RFC 7517). */
export interface PublicJwk {
  readonly kid: string;
  readonly kty: string;
  readonly use: string;
  readonly alg: string;
  readonly crv: string;
  readonly x: string;
  readonly y: string;
}

/** A key that signs access tokens. It is published from its creation on, and signs from its activation on. */
export class SigningKey {
  /** 1, 2, 3 …: unique, so that of two replicas that rotate at once one fails. */
  sequence: number;
  publicJwk: PublicJwk;
  /** The private key as a JWE (RFC 7516) under the key-encryption key. */
  encryptedPrivateJwk: string;
  createTime: Date;
  activateTime: Date;

  constructor(sequence: number, pair: KeyPair, createTime: Date, activateTime: Date) {
    this.sequence = sequence;
    this.publicJwk = pair.publicJwk;
    this.encryptedPrivateJwk = pair.encryptedPrivateJwk;
    this.createTime = createTime;
    this.activateTime = activateTime;
  }
}

/** A new key pair, its private half encrypted. */
export interface KeyPair {
  readonly publicJwk: PublicJwk;
  readonly encryptedPrivateJwk: string;
}

/** When keys come and go. All in milliseconds. */
export interface KeySchedule {
  /** How long a key signs. */
  readonly rotationMs: number;
  /** How long a key is published before it signs: longer than any cache of the key set. */
  readonly publishLeadMs: number;
  /** How long a key is published after it signed: longer than any access token. */
  readonly retentionMs: number;
}

/** A new key every 30 days, published a day ahead and a day after. */
export const DEFAULT_KEY_SCHEDULE: KeySchedule = {
  rotationMs: 30 * 24 * 3_600_000,
  publishLeadMs: 24 * 3_600_000,
  retentionMs: 24 * 3_600_000,
};

/** The key that signs now: of those that are active, the newest. */
export function currentKey(keys: readonly SigningKey[], now: Date): SigningKey | undefined {
  return keys.filter((key) => key.activateTime <= now).toSorted((a, b) => b.sequence - a.sequence)[0];
}

/** When a key that has to be made now starts to sign; undefined when none has to be made. */
export function nextActivation(keys: readonly SigningKey[], now: Date, schedule: KeySchedule): Date | undefined {
  const current = currentKey(keys, now);
  if (!current) return now;
  if (keys.some((key) => key.activateTime > now)) return undefined;
  const due = plus(current.activateTime, schedule.rotationMs);
  const soonest = plus(now, schedule.publishLeadMs);
  return due <= soonest ? soonest : undefined;
}

/** The keys that nothing they signed can need any more. */
export function outlivedKeys(keys: readonly SigningKey[], now: Date, schedule: KeySchedule): SigningKey[] {
  const inOrder = keys.toSorted((a, b) => a.sequence - b.sequence);
  return inOrder.filter((_, index) => {
    const successor = inOrder[index + 1];
    return successor !== undefined && plus(successor.activateTime, schedule.retentionMs) <= now;
  });
}
