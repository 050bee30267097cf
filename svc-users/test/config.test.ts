import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, readMigrationConfig } from '../src/config.ts';

const GOOD = {
  DATABASE_URL: 'mysql://svc_users:a-secret@127.0.0.1:3306/svc_users',
  TLS_CA_FILE: 'ca.pem',
  TLS_CERT_FILE: 'cert.pem',
  TLS_KEY_FILE: 'key.pem',
  TOKEN_ISSUER: 'https://localhost:8443',
  TOKEN_AUDIENCE: 'https://api.malla.local',
  KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
};

describe('readConfig', () => {
  it('fills in what may be left out', () => {
    const config = readConfig(GOOD);
    assert.equal(config.GRPC_HOST, '127.0.0.1');
    assert.equal(config.GRPC_PORT, 50_051);
    assert.deepEqual(config.EXTERNAL_ISSUERS, []);
    assert.equal(config.EXTERNAL_CLAIMS_NAMESPACE, '');
    assert.equal(config.LOG_LEVEL, 'info');
    assert.equal(config.KEY_ENCRYPTION_KEY.byteLength, 32);
  });

  it('names every variable that is missing, at once', () => {
    assert.deepEqual(faultsOf({}), Object.keys(GOOD).sort());
  });

  it('names every variable that is wrong, at once, and says none of their values', () => {
    const bad = {
      GRPC_PORT: '70000',
      DATABASE_URL: 'postgres://svc_users:a-secret@127.0.0.1/svc_users',
      TOKEN_ISSUER: 'no-url',
      EXTERNAL_ISSUERS: '{',
      KEY_ENCRYPTION_KEY: 'c2hvcnQ=',
      LOG_LEVEL: 'loud',
    };
    assert.deepEqual(faultsOf({ ...GOOD, ...bad }), Object.keys(bad).sort());
    for (const secret of ['a-secret', 'c2hvcnQ=']) {
      assert.throws(
        () => readConfig({ ...GOOD, ...bad }),
        (error: Error) => !error.message.includes(secret),
      );
    }
  });

  it('wants a database in the database’s URL', () => {
    for (const url of ['mysql://root@127.0.0.1', 'mysql://root@127.0.0.1/', 'nonsense']) {
      assert.deepEqual(faultsOf({ ...GOOD, DATABASE_URL: url }), ['DATABASE_URL']);
    }
  });

  it('refuses an external issuer that is named twice, or that takes the name of our own', () => {
    const issuer = (name: string) => ({ issuer: name, audience: 'a' });
    for (const names of [[GOOD.TOKEN_ISSUER], ['https://a.test/', 'https://a.test/']]) {
      const EXTERNAL_ISSUERS = JSON.stringify(names.map(issuer));
      assert.deepEqual(faultsOf({ ...GOOD, EXTERNAL_ISSUERS }), ['EXTERNAL_ISSUERS']);
    }
  });

  it('reads a variable from the file that its name with _FILE names', () => {
    const folder = mkdtempSync(join(tmpdir(), 'svc-users-'));
    const file = join(folder, 'key');
    writeFileSync(file, `${GOOD.KEY_ENCRYPTION_KEY}\n`);
    const { KEY_ENCRYPTION_KEY } = readConfig({ ...GOOD, KEY_ENCRYPTION_KEY: '', KEY_ENCRYPTION_KEY_FILE: file });
    assert.equal(Buffer.from(KEY_ENCRYPTION_KEY).toString('base64'), GOOD.KEY_ENCRYPTION_KEY);
    rmSync(folder, { recursive: true });
  });
});

describe('readMigrationConfig', () => {
  it('needs the database alone', () => {
    assert.equal(readMigrationConfig({ DATABASE_URL: GOOD.DATABASE_URL }).DATABASE_URL, GOOD.DATABASE_URL);
  });
});

function faultsOf(env: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(env);
  } catch (error) {
    const lines = (error as Error).message.split('\n').slice(1);
    return [...new Set(lines.map((line) => line.trim().split(/[:.]/)[0] ?? ''))].sort();
  }
  return assert.fail('the configuration was taken');
}
