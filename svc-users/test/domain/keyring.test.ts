import assert from 'node:assert/strict';
import { DomainError } from '@malla/chassis/errors';
import { createKeyring, type SigningKeys } from '../../src/domain/keyring.ts';
import { DEFAULT_KEY_SCHEDULE, type KeyPair, type SigningKey } from '../../src/domain/signing-key.ts';

describe('The keyring', () => {
  it('has no key, and says that it is unavailable, before it first rotated', async () => {
    const { keyring } = create();
    for (const read of [keyring.current, keyring.published]) {
      assert.throws(read, (error: unknown) => error instanceof DomainError && error.kind === 'unavailable');
    }
    await keyring.rotate();
    assert.equal(keyring.current().sequence, 1);
  });

  it('asks once for many who ask at once, and lets all of them wait for the answer', async () => {
    const { keyring, keys, stored } = create();
    await keyring.rotate();
    stored.push({ ...keyring.current(), sequence: 2 });
    const before = keys.asked();
    const seen = await Promise.all(
      Array.from({ length: 5 }, async () => {
        await keyring.refresh();
        return keyring.published().length;
      }),
    );
    assert.deepEqual(seen, [2, 2, 2, 2, 2]);
    assert.equal(keys.asked(), before + 1);
  });

  it('asks again for an unknown key after five seconds and not before', async () => {
    const { keyring, keys, clock } = create();
    await keyring.refresh();
    clock.time += 4_999;
    await keyring.refresh();
    assert.equal(keys.asked(), 1);
    clock.time += 1;
    await keyring.refresh();
    assert.equal(keys.asked(), 2);
  });

  it('adds no key while it cannot open those that are there', async () => {
    const { keyring, stored, vault } = create();
    await keyring.rotate();
    vault.fails = true;
    await assert.rejects(keyring.rotate(), /cannot open/);
    assert.equal(stored.length, 1);
  });
});

function create() {
  const stored: SigningKey[] = [];
  const clock = { time: Date.UTC(2026, 0, 1), now: () => new Date(clock.time) };
  const vault = {
    fails: false,
    newPair: async (): Promise<KeyPair> => ({
      publicJwk: { kid: '1', kty: 'EC', use: 'sig', alg: 'ES256', crv: 'P-256', x: '', y: '' },
      encryptedPrivateJwk: '',
    }),
    check: async () => {
      if (vault.fails) throw new Error('cannot open');
    },
  };
  let asked = 0;
  const keys: SigningKeys & { asked: () => number } = {
    asked: () => asked,
    list: async () => {
      asked += 1;
      return [...stored];
    },
    add: async (key) => void stored.push(key),
    remove: async () => undefined,
  };
  return { stored, clock, vault, keys, keyring: createKeyring(keys, vault, clock, DEFAULT_KEY_SCHEDULE) };
}
