import { createHash } from 'node:crypto';
import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { Users } from '../domain/ports.ts';
import { User } from '../domain/user.ts';
import { readId, writeId } from './columns.ts';
import type { Orm } from './orm.ts';

const LOCKED = { lockMode: LockMode.PESSIMISTIC_WRITE } as const;

/** Users in MySQL. */
export function createUsers({ em }: Orm): Users {
  return {
    find: async (userId) => (await em.findOne(User, { userId })) ?? undefined,
    findByEmail: async (email) => (await em.findOne(User, { email })) ?? undefined,
    lock: async (userId) => (await em.findOne(User, { userId }, LOCKED)) ?? undefined,
    lockByEmail: async (email) => (await em.findOne(User, { email }, LOCKED)) ?? undefined,
    add: (user) => unlessTaken(async () => void (await em.insert(User, { ...user }))),
    findIdByExternalIdentity: async (issuer, subject) => {
      const sql = 'SELECT user_id FROM external_identities WHERE subject_hash = ?';
      const [row] = await em.execute<{ user_id: Buffer }[]>(sql, [subjectHash(issuer, subject)]);
      return row && readId('usr', row.user_id);
    },
    addExternalIdentity: (issuer, subject, userId, now) =>
      unlessTaken(async () => {
        const sql =
          'INSERT INTO external_identities (subject_hash, issuer, subject, user_id, create_time) VALUES (?, ?, ?, ?, ?)';
        await em.execute(sql, [subjectHash(issuer, subject), issuer, subject, writeId('usr', userId), now]);
      }),
  };
}

function subjectHash(issuer: string, subject: string): Buffer {
  return createHash('sha256').update(`${issuer} ${subject}`).digest();
}

async function unlessTaken(insert: () => Promise<void>): Promise<boolean> {
  try {
    await insert();
    return true;
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) return false;
    throw error;
  }
}
