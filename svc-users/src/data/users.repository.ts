import { createHash } from 'node:crypto';
import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { Users } from '../domain/ports.ts';
import { User, type UserRecord } from '../domain/user.ts';
import { readId, readTime, writeId } from './columns.ts';
import type { Orm } from './orm.ts';

const LOCKED = { lockMode: LockMode.PESSIMISTIC_WRITE } as const;

/** Users in MySQL. */
export function createUsers({ em }: Orm): Users {
  return {
    read: (userId) => read(em, 'user_id = ?', writeId('usr', userId)),
    readByEmail: (email) => read(em, 'email = ?', email),
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

interface UserRow {
  readonly user_id: Buffer;
  readonly email: string | null;
  readonly email_verified: number;
  readonly display_name: string;
  readonly locale: string;
  readonly time_zone: string;
  readonly picture_url: string;
  readonly password_hash: string | null;
  readonly create_time: string;
  readonly update_time: string;
  readonly version: number;
}

/** Reads a row past the identity map: an entity, which nobody changes here, costs three times the CPU. */
async function read(em: Orm['em'], where: string, value: unknown): Promise<UserRecord | undefined> {
  const [row] = await em.execute<UserRow[]>(`SELECT * FROM users WHERE ${where}`, [value]);
  return row && toRecord(row);
}

function toRecord(row: UserRow): UserRecord {
  return {
    userId: readId('usr', row.user_id),
    email: row.email,
    emailVerified: row.email_verified !== 0,
    displayName: row.display_name,
    locale: row.locale,
    timeZone: row.time_zone,
    pictureUrl: row.picture_url,
    passwordHash: row.password_hash,
    createTime: readTime(row.create_time),
    updateTime: readTime(row.update_time),
    version: row.version,
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
