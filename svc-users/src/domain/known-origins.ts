/** From where the owners of accounts have logged in, where all replicas see it. */
export interface KnownOrigins {
  /**
   * Whether somebody has proven from an address to be the owner, and that is one of the last of the account.
   * @param owner a user's id. An identifier without an account is asked for as well, so that both take as long.
   */
  has(owner: string, address: string): Promise<boolean>;
  /** Remembers that the owner has proven to be at an address. Within a transaction. */
  add(userId: string, address: string, now: Date): Promise<void>;
  /** Forgets all of an account: whoever was there may not be its owner. Within a transaction. */
  forget(userId: string): Promise<void>;
}

/** So many of the latest count: what is older was left, and each lets as many guesses in as any other origin. */
export const KNOWN_ORIGINS_MAX = 20;
/** For how long an address is remembered from its last use: 90 days. */
export const KNOWN_ORIGIN_KEPT_MS = 90 * 24 * 3_600_000;
