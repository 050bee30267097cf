import { plus } from './clock.ts';

/** How long a session lives without a refresh: 30 days. */
export const SESSION_IDLE_MS_MAX = 30 * 24 * 3_600_000;
/** How long a session lives at the most, however often it is refreshed: 180 days. */
export const SESSION_AGE_MS_MAX = 180 * 24 * 3_600_000;

/** One login on one device: a family of refresh tokens. */
export class Session {
  sessionId: string;
  userId: string;
  userAgent: string;
  ipAddress: string;
  createTime: Date;
  lastUseTime: Date;
  expireTime: Date;
  revokeTime: Date | null = null;

  constructor(sessionId: string, userId: string, origin: { address: string; userAgent: string }, now: Date) {
    this.sessionId = sessionId;
    this.userId = userId;
    this.userAgent = origin.userAgent.slice(0, 512);
    this.ipAddress = origin.address.slice(0, 64);
    this.createTime = now;
    this.lastUseTime = now;
    this.expireTime = plus(now, SESSION_IDLE_MS_MAX);
  }

  isLive(now: Date): boolean {
    return this.revokeTime === null && this.expireTime > now;
  }

  /** Marks the session as used, and lets it live on. */
  touch(now: Date): void {
    this.lastUseTime = now;
    const idleMs = now.getTime() + SESSION_IDLE_MS_MAX;
    this.expireTime = new Date(Math.min(idleMs, this.createTime.getTime() + SESSION_AGE_MS_MAX));
  }

  /** Ends the session. Its access tokens last until they expire, save where a policy demands a live session. */
  revoke(now: Date): void {
    this.revokeTime ??= now;
  }
}

/** A session as it was read, to be shown. */
export type SessionRecord = Readonly<Omit<Session, 'isLive' | 'touch' | 'revoke'>>;
