import { createHash, createHmac, randomBytes } from 'node:crypto';
import { plus } from './clock.ts';

/** For how long a used refresh token may be used again, in case the answer to its first use was lost. */
export const REUSE_GRACE_MS = 10_000;
/** For how long a used refresh token is remembered, and so known for stolen when it comes back: 30 days. */
export const USED_TOKEN_KEPT_MS = 30 * 24 * 3_600_000;

/**
 * One link of a session's chain of refresh tokens. The token itself is never stored. Each token but the first follows from
 * the one before it and a salt, so that the same answer can be given twice, and nobody who has only one of the two can make it.
 */
export class RefreshToken {
  /** SHA-256 of the token. The token has 256 random bits, so nothing slower is needed. */
  hash: Buffer;
  sessionId: string;
  /** What the token was made of together with its predecessor; null for a session's first, and once the token was used. */
  salt: Buffer | null;
  issueTime: Date;
  /** When the token was first exchanged; null while it is fresh. */
  useTime: Date | null = null;
  /** The token that it was exchanged for; null while it is fresh. */
  successorHash: Buffer | null = null;

  constructor(hash: Buffer, sessionId: string, salt: Buffer | null, now: Date) {
    this.hash = hash;
    this.sessionId = sessionId;
    this.salt = salt;
    this.issueTime = now;
  }

  /** Whether the token was used so short a time ago that its answer may have been lost. */
  isInGrace(now: Date): boolean {
    return this.useTime !== null && now <= plus(this.useTime, REUSE_GRACE_MS);
  }

  /** Uses the token up, in exchange for its successor. From now on its predecessor cannot make it again. */
  exchangeFor(successor: RefreshToken, now: Date): void {
    this.useTime = now;
    this.successorHash = successor.hash;
    this.salt = null;
  }
}

/** Makes a session's first refresh token. */
export function firstRefreshToken(sessionId: string, now: Date): { token: string; stored: RefreshToken } {
  const token = spell(randomBytes(32));
  return { token, stored: new RefreshToken(hashRefreshToken(token), sessionId, null, now) };
}

/** Makes the token that follows on `token`. */
export function nextRefreshToken(token: string, sessionId: string, now: Date) {
  const salt = randomBytes(32);
  const next = successorOf(token, salt);
  return { token: next, stored: new RefreshToken(hashRefreshToken(next), sessionId, salt, now) };
}

/** The token that `token` was exchanged for, given the salt of that. */
export function successorOf(token: string, salt: Buffer): string {
  return spell(createHmac('sha256', salt).update(token).digest());
}

/** What a refresh token is stored and found as. */
export function hashRefreshToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function spell(bytes: Buffer): string {
  return `mrt_${bytes.toString('base64url')}`;
}
