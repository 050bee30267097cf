import { createLogger } from '@malla/chassis/logger';
import { readReencryptionConfig } from './config.ts';
import { vaultOf } from './crypto/secret-vault.ts';
import { openOrm } from './data/orm.ts';
import { reencrypt } from './data/webhooks/reencrypt.ts';

/** The operators' job after a change of `KEY_ENCRYPTION_KEY`: `npm run reencrypt`. May be stopped, and run again. */
const log = createLogger('svc-transactions', 'info');
try {
  const config = readReencryptionConfig(process.env);
  const orm = openOrm(config.DATABASE_URL);
  try {
    log.info({ encrypted: await reencrypt(orm, vaultOf(config)) }, 'encrypted under the current key');
  } finally {
    await orm.close();
  }
} catch (error) {
  log.fatal({ err: error }, 'could not encrypt again');
  process.exitCode = 1;
}
