import type { PaymentMethod, PaymentMethods } from '../../domain/payments/ports.ts';
import { readId, readTime, writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';

const LIST = `SELECT m.*, COALESCE(w.default_method_id = m.payment_method_id, 0) AS is_default FROM payment_methods m
  LEFT JOIN wallets w ON w.user_id = m.user_id WHERE m.user_id = ? AND m.provider = ?
  ORDER BY m.payment_method_id DESC`;
/** Locks the user's wallet, and makes it when it is not there. */
const LOCK_WALLET = 'INSERT INTO wallets (user_id) VALUES (?) AS new ON DUPLICATE KEY UPDATE user_id = new.user_id';
const SET_DEFAULT = 'UPDATE wallets SET default_method_id = ? WHERE user_id = ?';
const INSERT = `INSERT INTO payment_methods (payment_method_id, user_id, provider, token, brand, last4, expiry_month,
  expiry_year, create_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

interface Row {
  readonly payment_method_id: Buffer;
  readonly user_id: Buffer;
  readonly provider: string;
  readonly token: string;
  readonly brand: string;
  readonly last4: string;
  readonly expiry_month: number;
  readonly expiry_year: number;
  readonly is_default: number;
  readonly create_time: string;
}

/** Payment methods in MySQL: those of one provider, since only that one can use them. */
export function createPaymentMethods({ em }: Orm, providerName: string): PaymentMethods {
  const list = async (userId: string) =>
    (await em.execute<Row[]>(LIST, [writeId('usr', userId), providerName])).map(toMethod);
  const setDefault = async (userId: string, paymentMethodId: string) => {
    await em.execute(SET_DEFAULT, [writeId('pm', paymentMethodId), writeId('usr', userId)]);
  };
  return {
    list,
    setDefault,
    lockAll: async (userId) => {
      await em.execute(LOCK_WALLET, [writeId('usr', userId)]);
      return list(userId);
    },
    add: async (method) => {
      const ids = [writeId('pm', method.paymentMethodId), writeId('usr', method.userId)];
      const { provider, token, brand, last4, expiryMonth, expiryYear, isDefault, createTime } = method;
      await em.execute(INSERT, [...ids, provider, token, brand, last4, expiryMonth, expiryYear, createTime]);
      if (isDefault) await setDefault(method.userId, method.paymentMethodId);
    },
    remove: async (paymentMethodId) => {
      await em.execute('DELETE FROM payment_methods WHERE payment_method_id = ?', [writeId('pm', paymentMethodId)]);
    },
  };
}

function toMethod(row: Row): PaymentMethod {
  return {
    paymentMethodId: readId('pm', row.payment_method_id),
    userId: readId('usr', row.user_id),
    provider: row.provider,
    token: row.token,
    brand: row.brand,
    last4: row.last4,
    expiryMonth: row.expiry_month,
    expiryYear: row.expiry_year,
    isDefault: row.is_default !== 0,
    createTime: readTime(row.create_time),
  };
}
