import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { PROCESSES } from '../../../src/mesh/processes.ts';
import { keepSecrets, secretsOf } from '../../../src/mesh/secrets.ts';
import { stateIn } from '../../../src/mesh/state.ts';
import { tempDir } from '../../temp-dir.ts';

describe('keepSecrets', () => {
  it('makes passwords and keys once, for their owner only', () => {
    const state = stateIn(tempDir());
    const first = keepSecrets(state, PROCESSES);
    assert.deepEqual(keepSecrets(state, PROCESSES), first);
    assert.equal(Buffer.from(first['svc-users']?.keys.KEY_ENCRYPTION_KEY ?? '', 'base64').length, 32);
    assert.notEqual(first['svc-users']?.mysqlPassword, first['svc-users']?.mysqlRootPassword);
    assert.equal(statSync(state.secretsFile).mode & 0o777, 0o600);
  });

  it('lets a sandbox share with its service the keys that it names, and no more', () => {
    const secrets = keepSecrets(stateIn(tempDir()), PROCESSES);
    const [service, sandbox] = ['svc-transactions', 'payment-sandbox'].map((name) => {
      const spec = PROCESSES.find((process) => process.name === name);
      assert.ok(spec);
      return secretsOf(secrets, spec).keys;
    });
    assert.deepEqual(Object.keys(sandbox ?? {}), ['SANDBOX_API_KEY', 'SANDBOX_WEBHOOK_SECRET']);
    assert.equal(sandbox?.SANDBOX_API_KEY, service?.SANDBOX_API_KEY);
    assert.equal(sandbox?.SANDBOX_WEBHOOK_SECRET, service?.SANDBOX_WEBHOOK_SECRET);
    assert.ok(service?.PAGE_TOKEN_KEY);
  });

  it('keeps what another process had when a new one comes', () => {
    const state = stateIn(tempDir());
    const first = keepSecrets(state, PROCESSES);
    const second = keepSecrets(state, [{ name: 'svc-new', kind: 'service', port: 1, keys: [] }]);
    assert.deepEqual(second['svc-users'], first['svc-users']);
    assert.ok(second['svc-new']);
  });
});
