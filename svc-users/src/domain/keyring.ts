import { DomainError } from '@malla/chassis/errors';
import type { Clock } from './clock.ts';
import { currentKey, type KeyPair, type KeySchedule, nextActivation, outlivedKeys, SigningKey } from './signing-key.ts';

export interface SigningKeys {
  list(): Promise<SigningKey[]>;
  /** Adds a key, unless another replica has added one with the same sequence. */
  add(key: SigningKey): Promise<void>;
  remove(keys: readonly SigningKey[]): Promise<void>;
}

/** Makes key pairs whose private half is encrypted, and opens them again. */
export interface KeyVault {
  newPair(): Promise<KeyPair>;
  /** @throws Error when the private half was encrypted under another key. */
  check(pair: KeyPair): Promise<void>;
}

/** The signing keys as this replica knows them. */
export interface Keyring {
  /** The keys to publish: next, current and previous. @throws DomainError `unavailable` before the first `rotate`. */
  published(): readonly SigningKey[];
  /** The key that signs now. @throws DomainError `unavailable` before the first `rotate`. */
  current(): SigningKey;
  /**
   * Makes the key that is due, drops those that nothing needs, and learns what other replicas did.
   * @throws Error when a stored key cannot be opened: then this replica makes none either.
   */
  rotate(): Promise<void>;
  /** Learns what other replicas did, unless that was done a moment ago: a stranger's token may not cost a query each. */
  refresh(): Promise<void>;
}

const REFRESH_INTERVAL_MS_MIN = 5_000;

/** Keeps the keyring. */
export function createKeyring(keys: SigningKeys, vault: KeyVault, clock: Clock, schedule: KeySchedule): Keyring {
  let known: readonly SigningKey[] = [];
  let refreshed: { at: number; done: Promise<void> } | undefined;

  const learn = async () => {
    const stored = await keys.list();
    for (const key of stored) await vault.check(key);
    known = stored;
    return stored;
  };
  return {
    published: () => {
      if (known.length === 0) throw keysUnavailable();
      return known;
    },
    current: () => {
      const key = currentKey(known, clock.now());
      if (!key) throw keysUnavailable();
      return key;
    },
    refresh: () => {
      const at = clock.now().getTime();
      if (!refreshed || at - refreshed.at >= REFRESH_INTERVAL_MS_MIN) {
        refreshed = { at, done: learn().then(() => undefined) };
      }
      return refreshed.done;
    },
    rotate: async () => {
      const now = clock.now();
      const stored = await learn();
      const activateTime = nextActivation(stored, now, schedule);
      if (activateTime) {
        const sequence = (stored.at(-1)?.sequence ?? 0) + 1;
        await keys.add(new SigningKey(sequence, await vault.newPair(), now, activateTime));
      }
      const outlived = outlivedKeys(stored, now, schedule);
      if (outlived.length > 0) await keys.remove(outlived);
      if (activateTime || outlived.length > 0) await learn();
    },
  };
}

function keysUnavailable(): DomainError {
  const message = 'The signing keys cannot be read now.';
  return new DomainError('unavailable', 'SIGNING_KEYS_UNAVAILABLE', message, { retryAfterMs: 1_000 });
}
