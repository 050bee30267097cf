import type { WebhookSecrets } from '../../domain/webhooks/ports.ts';
import { marks, readId, readTime, writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';

const INSERT = 'INSERT INTO webhook_secrets (secret_id, endpoint_id, sealed, expire_time) VALUES (?, ?, ?, ?)';
const EXPIRE = `UPDATE webhook_secrets SET expire_time = ? WHERE endpoint_id = ? AND (expire_time IS NULL OR expire_time > ?)`;

interface Row {
  readonly secret_id: Buffer;
  readonly endpoint_id: Buffer;
  readonly sealed: string;
  readonly expire_time: string | null;
}

/** Secrets of webhook endpoints in MySQL, encrypted. */
export function createSecrets({ em }: Orm): WebhookSecrets {
  return {
    list: async (endpointIds, now) => {
      if (endpointIds.length === 0) return [];
      const ids = endpointIds.map((endpointId) => writeId('we', endpointId));
      const sql = `SELECT * FROM webhook_secrets WHERE endpoint_id IN (${marks(ids)})
        AND (expire_time IS NULL OR expire_time > ?) ORDER BY endpoint_id, expire_time IS NULL DESC, expire_time DESC`;
      return (await em.execute<Row[]>(sql, [...ids, now])).map((row) => ({
        secretId: readId('whsec', row.secret_id),
        endpointId: readId('we', row.endpoint_id),
        sealed: row.sealed,
        expireTime: row.expire_time === null ? null : readTime(row.expire_time),
      }));
    },
    add: async ({ secretId, endpointId, sealed, expireTime }) => {
      await em.execute(INSERT, [writeId('whsec', secretId), writeId('we', endpointId), sealed, expireTime]);
    },
    expire: async (endpointId, time) => {
      await em.execute(EXPIRE, [time, writeId('we', endpointId), time]);
    },
  };
}
