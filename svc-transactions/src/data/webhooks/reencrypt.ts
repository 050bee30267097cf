import type { Vault } from '@malla/chassis/encryption-keys';
import { readId } from '../columns.ts';
import type { Orm } from '../orm.ts';

const BATCH = 200;
const SECRETS_AFTER = `SELECT secret_id, endpoint_id, sealed FROM webhook_secrets WHERE secret_id > ?
  ORDER BY secret_id LIMIT ${BATCH}`;
const REPLACE = 'UPDATE webhook_secrets SET sealed = ? WHERE secret_id = ? AND sealed = ?';

interface Row {
  readonly secret_id: Buffer;
  readonly endpoint_id: Buffer;
  readonly sealed: string;
}

/**
 * Encrypts again, under the current key, the webhook secrets that are under a previous one, some at a time. Stopped, it goes
 * on where it was when it runs again; deliveries meanwhile open both, and a secret that was replaced since is left alone.
 * @returns how many it encrypted. @throws Error when one cannot be opened, once all others are encrypted.
 */
export async function reencrypt(orm: Orm, vault: Vault): Promise<number> {
  let encrypted = 0;
  let failure: unknown;
  for await (const row of allSecrets(orm)) {
    if (vault.isCurrent(row.sealed)) continue;
    const endpointId = readId('we', row.endpoint_id);
    try {
      const fresh = await vault.seal(await vault.open(row.sealed, endpointId), endpointId);
      await orm.em.fork().execute(REPLACE, [fresh, row.secret_id, row.sealed], 'run');
      encrypted += 1;
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return encrypted;
}

/** How many secrets no key that is configured opens: nothing can be sent to their endpoints. */
export async function countUnreadable(orm: Orm, vault: Vault): Promise<number> {
  let unreadable = 0;
  for await (const { sealed, endpoint_id: id } of allSecrets(orm)) {
    const opened = await vault.open(sealed, readId('we', id)).catch(() => undefined);
    if (opened === undefined) unreadable += 1;
  }
  return unreadable;
}

async function* allSecrets({ em }: Orm): AsyncGenerator<Row> {
  let after: Buffer = Buffer.alloc(16);
  for (;;) {
    const rows = await em.fork().execute<Row[]>(SECRETS_AFTER, [after]);
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < BATCH) return;
    after = last.secret_id;
  }
}
