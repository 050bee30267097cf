import { createHash } from 'node:crypto';
import type { QueryResult } from '@mikro-orm/core';
import { KNOWN_ORIGINS_MAX, type KnownOrigins } from '../domain/known-origins.ts';
import type { Orm } from './orm.ts';

const HAS = `SELECT origin_hash FROM known_origins WHERE user_hash = ? ORDER BY last_use_time DESC LIMIT ${KNOWN_ORIGINS_MAX}`;
const ADD = `INSERT INTO known_origins (user_hash, origin_hash, last_use_time) VALUES (?, ?, ?) AS fresh
  ON DUPLICATE KEY UPDATE last_use_time = GREATEST(known_origins.last_use_time, fresh.last_use_time)`;

/** Known origins in MySQL. The table holds no address and no id, only hashes of them. */
export function createKnownOrigins({ em }: Orm): KnownOrigins {
  return {
    has: async (owner, address) => {
      const rows = await em.execute<{ origin_hash: Buffer }[]>(HAS, [hashOf(owner)]);
      const wanted = originHash(owner, address);
      return rows.some(({ origin_hash }) => origin_hash.equals(wanted));
    },
    add: async (userId, address, now) => {
      await em.execute<QueryResult>(ADD, [hashOf(userId), originHash(userId, address), now], 'run');
    },
    forget: async (userId) => {
      await em.execute<QueryResult>('DELETE FROM known_origins WHERE user_hash = ?', [hashOf(userId)], 'run');
    },
  };
}

/** The address alone would be easy to find from its hash: there are few. */
function originHash(owner: string, address: string): Buffer {
  return hashOf(`${owner}|${address}`);
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
