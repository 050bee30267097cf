import { createHash, randomBytes } from 'node:crypto';
import { plus } from './clock.ts';

/** For how long a used refresh token may be used again, in case the answer to its first use was lost. */
export const REUSE_GRACE_MS = 10_000;

/** One link of a session's chain of refresh tokens. The token itself is never stored. */
export class RefreshToken {
  /** SHA-256 of the token. The token has 256 random bits, so nothing slower is needed. */
  hash: Buffer;
  sessionId: string;
  /** The token that was exchanged for this one; null for a session's first. */
  parentHash: Buffer | null;
  issueTime: Date;
  /** When the token was first exchanged; null while it is fresh. */
  useTime: Date | null = null;

  constructor(hash: Buffer, sessionId: string, parentHash: Buffer | null, now: Date) {
    this.hash = hash;
    this.sessionId = sessionId;
    this.parentHash = parentHash;
    this.issueTime = now;
  }

  /**
   * Whether the token may be exchanged now: when it is fresh; or shortly after its first use, as long as none of the tokens
   * it was exchanged for has been used, since then the first answer did arrive.
   */
  mayBeUsed(now: Date, successorUsed: boolean): boolean {
    if (this.useTime === null) return true;
    return !successorUsed && now <= plus(this.useTime, REUSE_GRACE_MS);
  }

  use(now: Date): void {
    this.useTime ??= now;
  }
}

/** Makes a new opaque refresh token. */
export function newRefreshToken(): string {
  return `mrt_${randomBytes(32).toString('base64url')}`;
}

/** What a refresh token is stored and found as. */
export function hashRefreshToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
