import type { DisabledReason, Owner, WebhookEndpoint } from '../../domain/webhooks/endpoint.ts';
import type { WebhookEndpoints } from '../../domain/webhooks/ports.ts';
import { readId, readTime, writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';

/** Locks the owner, and makes the row when it is not there. */
const LOCK_OWNER =
  'INSERT INTO webhook_owners (owner_id) VALUES (?) AS new ON DUPLICATE KEY UPDATE owner_id = new.owner_id';
const INSERT = `INSERT INTO webhook_endpoints (endpoint_id, owner_kind, owner_id, url, event_types, disabled_reason, failures,
  failing_since, hold_time, version, create_time, update_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
/** One that is enabled has its turn when the first delivery is due, and not before it may. */
const UPDATE = `UPDATE webhook_endpoints SET url = ?, event_types = ?, disabled_reason = ?, failures = ?, failing_since = ?,
  hold_time = ?, version = ?, update_time = ?, delete_time = ?, next_turn_time = IF(disabled_reason = '' AND delete_time IS NULL,
    GREATEST(hold_time, (SELECT MIN(d.next_try_time) FROM webhook_deliveries d WHERE d.endpoint_id = webhook_endpoints.endpoint_id
      AND d.next_try_time IS NOT NULL)), NULL) WHERE endpoint_id = ?`;
export const LIST_ENDPOINTS = `SELECT * FROM webhook_endpoints WHERE owner_id = ? AND delete_time IS NULL
  ORDER BY endpoint_id DESC`;

interface Row {
  readonly endpoint_id: Buffer;
  readonly owner_kind: Owner['kind'];
  readonly owner_id: Buffer;
  readonly url: string;
  readonly event_types: string[];
  readonly disabled_reason: DisabledReason;
  readonly failures: number;
  readonly failing_since: string | null;
  readonly hold_time: string;
  readonly version: number;
  readonly create_time: string;
  readonly update_time: string;
  readonly delete_time: string | null;
}

/** Webhook endpoints in MySQL. */
export function createEndpoints({ em }: Orm): WebhookEndpoints {
  const first = async (sql: string, endpointId: string) => {
    const [row] = await em.execute<Row[]>(sql, [writeId('we', endpointId)]);
    return row && toEndpoint(row);
  };
  const list = async (owner: Owner) => (await em.execute<Row[]>(LIST_ENDPOINTS, [writeOwner(owner)])).map(toEndpoint);
  return {
    list,
    read: (endpointId) => first('SELECT * FROM webhook_endpoints WHERE endpoint_id = ?', endpointId),
    lock: (endpointId) => first('SELECT * FROM webhook_endpoints WHERE endpoint_id = ? FOR UPDATE', endpointId),
    lockAll: async (owner) => {
      await em.execute(LOCK_OWNER, [writeOwner(owner)]);
      return list(owner);
    },
    add: async (one) => {
      const owner = [one.owner.kind, writeOwner(one.owner)];
      const { disabledReason, failures, failingSince, holdTime, version, createTime, updateTime } = one;
      const state = [disabledReason, failures, failingSince, holdTime, version, createTime, updateTime];
      const row = [writeId('we', one.endpointId), ...owner, one.url, JSON.stringify(one.eventTypes), ...state];
      await em.execute(INSERT, row);
    },
    save: async (one) => {
      const { url, eventTypes, disabledReason, failures, failingSince, holdTime, version, updateTime, deleteTime } =
        one;
      const fields = [url, JSON.stringify(eventTypes), disabledReason, failures, failingSince, holdTime];
      await em.execute(UPDATE, [...fields, version, updateTime, deleteTime, writeId('we', one.endpointId)]);
    },
  };
}

/** A UUID is of one owner, whatever kind that is. */
function writeOwner(owner: Owner): Buffer {
  return owner.kind === 'store' ? writeId('store', owner.storeId) : writeId('usr', owner.userId);
}

export function toEndpoint(row: Row): WebhookEndpoint {
  const { owner_id: id, url, failures, version } = row;
  return {
    ...{ endpointId: readId('we', row.endpoint_id), url, eventTypes: row.event_types, failures, version },
    owner:
      row.owner_kind === 'store'
        ? { kind: 'store', storeId: readId('store', id) }
        : { kind: 'user', userId: readId('usr', id) },
    disabledReason: row.disabled_reason,
    failingSince: row.failing_since === null ? null : readTime(row.failing_since),
    holdTime: readTime(row.hold_time),
    createTime: readTime(row.create_time),
    updateTime: readTime(row.update_time),
    deleteTime: row.delete_time === null ? null : readTime(row.delete_time),
  };
}

export type { Row as EndpointRow };
