import assert from 'node:assert/strict';
import { ConfigError } from '@malla/chassis/config';
import { readConfig } from '../src/config.ts';

const GOOD = {
  HTTPS_CERT_FILE: 'cert.pem',
  HTTPS_KEY_FILE: 'key.pem',
  TLS_CA_FILE: 'ca.pem',
  TLS_CERT_FILE: 'mesh.pem',
  TLS_KEY_FILE: 'mesh-key.pem',
  UPSTREAMS: 'svc-users=dns:///127.0.0.1:50051, svc-stores=dns:///svc-stores:50053',
  TOKEN_ISSUER: 'https://localhost:8443',
  TOKEN_AUDIENCE: 'https://api.malla.local',
};

describe('readConfig', () => {
  it('has defaults for what is not of one place alone', () => {
    const config = readConfig(GOOD);
    assert.equal(config.HTTPS_HOST, '127.0.0.1');
    assert.equal(config.HTTPS_PORT, 8443);
    assert.deepEqual(
      [config.RATE_LIMIT_READ_PER_MINUTE, config.RATE_LIMIT_WRITE_PER_MINUTE, config.RATE_LIMIT_CREDENTIAL_PER_MINUTE],
      [1200, 300, 30],
    );
    assert.equal(config.RATE_LIMIT_WEBHOOK_PER_MINUTE, 12_000);
    assert.deepEqual([config.CORS_ORIGINS, config.TRUST_PROXY, config.EXTERNAL_ISSUERS], [[], [], []]);
    assert.deepEqual(
      [...config.UPSTREAMS],
      [
        ['svc-users', 'dns:///127.0.0.1:50051'],
        ['svc-stores', 'dns:///svc-stores:50053'],
      ],
    );
  });

  it('takes targets of several addresses', () => {
    const target = 'ipv4:10.0.0.1:50053,10.0.0.2:50053';
    const { UPSTREAMS } = readConfig({ ...GOOD, UPSTREAMS: `svc-stores=${target}, svc-users=dns:///svc-users:50051` });
    assert.deepEqual([...UPSTREAMS.values()], [target, 'dns:///svc-users:50051']);
  });

  const wrong: Readonly<Record<string, string>> = {
    HTTPS_PORT: '70000',
    UPSTREAMS: 'users',
    TOKEN_ISSUER: 'localhost',
    EXTERNAL_ISSUERS: '{',
    CORS_ORIGINS: 'shop',
    TRUST_PROXY: 'proxy',
    RATE_LIMIT_READ_PER_MINUTE: '0',
    LOG_LEVEL: 'loud',
  };
  for (const [name, value] of Object.entries(wrong)) {
    it(`names ${name} when it is wrong, and not its value`, () => {
      assert.throws(
        () => readConfig({ ...GOOD, [name]: value }),
        (error) => {
          assert.ok(error instanceof ConfigError);
          assert.ok(error.message.includes(name));
          return true;
        },
      );
    });
  }
});
