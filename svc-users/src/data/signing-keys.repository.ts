import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { SigningKeys } from '../domain/keyring.ts';
import { SigningKey } from '../domain/signing-key.ts';
import type { Orm } from './orm.ts';

/** Signing keys in MySQL. Needs no call around it: the keyring looks after them by itself. */
export function createSigningKeys(orm: Orm): SigningKeys {
  return {
    list: () => orm.em.fork().find(SigningKey, {}, { orderBy: { sequence: 'asc' } }),
    add: async (key) => {
      try {
        await orm.em.fork().insert(SigningKey, { ...key });
      } catch (error) {
        if (!(error instanceof UniqueConstraintViolationException)) throw error;
      }
    },
    remove: async (keys) => {
      await orm.em.fork().nativeDelete(SigningKey, { sequence: { $in: keys.map(({ sequence }) => sequence) } });
    },
  };
}
