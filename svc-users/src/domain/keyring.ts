import type { Clock } from './clock.ts';
import { currentKey, type KeyPair, type KeySchedule, nextActivation, outlivedKeys, SigningKey } from './signing-key.ts';

export interface SigningKeys {
  list(): Promise<SigningKey[]>;
  /** Adds a key, unless another replica has added one with the same sequence. */
  add(key: SigningKey): Promise<void>;
  remove(keys: readonly SigningKey[]): Promise<void>;
}

/** The signing keys as this replica knows them. */
export interface Keyring {
  /** The keys to publish: next, current and previous. */
  published(): readonly SigningKey[];
  /** The key that signs now. @throws Error before the first `rotate`. */
  current(): SigningKey;
  /** Makes the key that is due, drops those that nothing needs, and learns what other replicas did. */
  rotate(): Promise<void>;
  /** Learns what other replicas did, unless that was done a moment ago: a stranger's token may not cost a query each. */
  refresh(): Promise<void>;
}

const REFRESH_INTERVAL_MS_MIN = 5_000;

/** Keeps the keyring. `newKeyPair` makes a pair whose private half is encrypted. */
export function createKeyring(
  keys: SigningKeys,
  newKeyPair: () => Promise<KeyPair>,
  clock: Clock,
  schedule: KeySchedule,
): Keyring {
  let known: readonly SigningKey[] = [];
  let refreshedAt = Number.NEGATIVE_INFINITY;
  return {
    published: () => known,
    current: () => {
      const key = currentKey(known, clock.now());
      if (!key) throw new Error('there is no signing key yet');
      return key;
    },
    refresh: async () => {
      const now = clock.now().getTime();
      if (now - refreshedAt < REFRESH_INTERVAL_MS_MIN) return;
      refreshedAt = now;
      known = await keys.list();
    },
    rotate: async () => {
      const now = clock.now();
      const stored = await keys.list();
      const activateTime = nextActivation(stored, now, schedule);
      if (activateTime) {
        const sequence = (stored.at(-1)?.sequence ?? 0) + 1;
        await keys.add(new SigningKey(sequence, await newKeyPair(), now, activateTime));
      }
      const outlived = outlivedKeys(stored, now, schedule);
      if (outlived.length > 0) await keys.remove(outlived);
      known = activateTime || outlived.length > 0 ? await keys.list() : stored;
    },
  };
}
