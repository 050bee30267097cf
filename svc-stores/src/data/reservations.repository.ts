import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { Reservation, ReservationState, Reservations } from '../domain/reservation.ts';
import { laterBy } from './backoff.ts';
import { readId, readTime, writeId } from './columns.ts';
import type { Orm } from './orm.ts';

const INSERT =
  'INSERT INTO reservations (reservation_id, owner_id, `lines`, state, expire_time, create_time) VALUES (?, ?, ?, ?, ?, ?)';
const FIND = 'SELECT * FROM reservations WHERE reservation_id = ?';
export const LOCK_EXPIRED = `SELECT * FROM reservations WHERE state = 'held' AND expire_time <= ?
  ORDER BY expire_time LIMIT 1 FOR UPDATE SKIP LOCKED`;
const PUT_OFF = `UPDATE reservations SET expire_time = ${laterBy('expiry_attempts + 1')},
  expiry_attempts = expiry_attempts + 1 WHERE reservation_id = ? AND state = 'held'`;

interface Row {
  readonly reservation_id: Buffer;
  readonly owner_id: string;
  readonly lines: { readonly variantId: string; readonly quantity: number }[];
  readonly state: ReservationState;
  readonly expire_time: string;
  readonly create_time: string;
}

/** Reservations in MySQL. */
export function createReservations({ em }: Orm): Reservations {
  const first = async (sql: string, parameter: Buffer | Date) => {
    const [row] = await em.execute<Row[]>(sql, [parameter]);
    return row && toReservation(row);
  };
  return {
    find: (reservationId) => first(FIND, writeId('res', reservationId)),
    lock: (reservationId) => first(`${FIND} FOR UPDATE`, writeId('res', reservationId)),
    lockExpired: (now) => first(LOCK_EXPIRED, now),
    putOff: async (reservationId, now) => {
      await em.execute(PUT_OFF, [now, writeId('res', reservationId)]);
    },
    add: async ({ reservationId, ownerId, lines, state, expireTime, createTime }) => {
      try {
        const values = [ownerId, JSON.stringify(lines), state, expireTime, createTime];
        await em.execute(INSERT, [writeId('res', reservationId), ...values]);
        return true;
      } catch (error) {
        if (error instanceof UniqueConstraintViolationException) return false;
        throw error;
      }
    },
    save: async ({ reservationId, state, expireTime }) => {
      const sql = 'UPDATE reservations SET state = ?, expire_time = ? WHERE reservation_id = ?';
      await em.execute(sql, [state, expireTime, writeId('res', reservationId)]);
    },
  };
}

function toReservation(row: Row): Reservation {
  return {
    reservationId: readId('res', row.reservation_id),
    ownerId: row.owner_id,
    lines: row.lines.map(({ variantId, quantity }) => ({ variantId, quantity })),
    state: row.state,
    expireTime: readTime(row.expire_time),
    createTime: readTime(row.create_time),
  };
}
