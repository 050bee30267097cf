import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { vaultOf } from '../../src/crypto/key-vault.ts';
import { openOrm } from '../../src/data/orm.ts';
import { reencrypt } from '../../src/data/reencrypt.ts';
import { startTestService } from '../support/service.ts';

describe('a new KEY_ENCRYPTION_KEY', () => {
  it('takes over the signing keys that are under the previous one, and then starts without it', async () => {
    const service = await startTestService();
    const orm = openOrm(service.config.DATABASE_URL);
    const old = service.config.KEY_ENCRYPTION_KEY;
    const next = new Uint8Array(randomBytes(32));
    await assert.rejects(service.replica({ KEY_ENCRYPTION_KEY: next }), /does not open the signing keys/);
    const rotating = { KEY_ENCRYPTION_KEY: next, KEY_ENCRYPTION_KEYS_PREVIOUS: [old] };
    await service.replica(rotating);
    assert.equal(await reencrypt(orm, vaultOf(rotating)), 1);
    assert.equal(await reencrypt(orm, vaultOf(rotating)), 0);
    await service.replica({ KEY_ENCRYPTION_KEY: next });
    await orm.close();
    await service.stop();
  });
});
