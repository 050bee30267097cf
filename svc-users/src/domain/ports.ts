import type { RefreshToken } from './refresh-token.ts';
import type { Session, SessionRecord } from './session.ts';
import type { User, UserRecord } from './user.ts';

/** Runs `work` in one database transaction, again from the start when the database rolled it back for a deadlock. */
export type Transact = <Result>(work: () => Promise<Result>) => Promise<Result>;

export interface Users {
  /** Reads a user, to be shown or compared. */
  read(userId: string): Promise<UserRecord | undefined>;
  /** Reads a user, to be shown or compared. */
  readByEmail(email: string): Promise<UserRecord | undefined>;
  /** Finds and locks, within a transaction. */
  lock(userId: string): Promise<User | undefined>;
  /** Finds and locks, within a transaction. */
  lockByEmail(email: string): Promise<User | undefined>;
  /** @returns false when the address has an account already. */
  add(user: User): Promise<boolean>;
  /** The user behind an external subject. */
  findIdByExternalIdentity(issuer: string, subject: string): Promise<string | undefined>;
  /** @returns false when the subject is linked already. */
  addExternalIdentity(issuer: string, subject: string, userId: string, now: Date): Promise<boolean>;
}

export interface Sessions {
  /** Finds and locks, within a transaction. */
  lock(sessionId: string): Promise<Session | undefined>;
  add(session: Session): void;
  /** The live sessions of a user, newest first, that are older than the session `before`. */
  listLive(userId: string, now: Date, limit: number, before: string | undefined): Promise<SessionRecord[]>;
  isLive(sessionId: string, now: Date): Promise<boolean>;
  /** Ends every session of a user but one. */
  revokeAll(userId: string, now: Date, exceptSessionId?: string): Promise<void>;
}

export interface RefreshTokens {
  find(hash: Buffer): Promise<RefreshToken | undefined>;
  add(token: RefreshToken): void;
}

/** What operators gave to accounts. */
export interface Permissions {
  of(userId: string): Promise<string[]>;
  /** Adds at least one that the account does not have. */
  add(userId: string, permissions: readonly string[], now: Date): Promise<void>;
  /** Removes at least one. */
  remove(userId: string, permissions: readonly string[]): Promise<void>;
  /** Removes all. */
  removeAll(userId: string): Promise<void>;
}

/** An account that the owner of its address took over from whoever had it. */
export interface Takeover {
  /** Its position among all, from 1 on without gaps, in the order in which they became visible. */
  readonly sequence: bigint;
  readonly userId: string;
  readonly takeOverTime: Date;
}

/** What other services follow, to end what whoever had the account before has set up there. */
export interface Takeovers {
  /** Adds one, within the transaction of the takeover. */
  add(userId: string, now: Date): Promise<void>;
  /** Those after a position, in order. */
  list(after: bigint, limit: number): Promise<Takeover[]>;
}

export interface PasswordHasher {
  /** @throws DomainError `unavailable` (SERVER_BUSY) when too many passwords are being hashed. */
  hash(password: string): Promise<string>;
  /**
   * Compares a password with a hash, and takes as long when there is no hash to compare with.
   * @returns the hash to keep when it matches: the same, or a new one when that was made with parameters that are no longer in
   *   force. Undefined when it does not match, and always for an absent hash.
   * @throws DomainError `unavailable` (SERVER_BUSY).
   */
  check(hash: string | null | undefined, password: string): Promise<string | undefined>;
}

/** What an access token says of its holder. */
export interface TokenSubject {
  readonly userId: string;
  readonly sessionId: string;
  readonly permissions: readonly string[];
}

export type SignAccessToken = (subject: TokenSubject) => Promise<AccessToken>;

/** An access token (RFC 9068) and its lifetime. */
export interface AccessToken {
  readonly token: string;
  readonly expiresInSeconds: number;
}

/** Makes ids: TypeIDs over UUIDv7. */
export interface NewId {
  user(): string;
  session(): string;
}
