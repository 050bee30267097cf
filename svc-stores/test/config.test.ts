import assert from 'node:assert/strict';
import { readConfig } from '../src/config.ts';

const GOOD = {
  DATABASE_URL: 'mysql://user:password@127.0.0.1:3306/svc_stores',
  TLS_CA_FILE: 'ca.pem',
  TLS_CERT_FILE: 'cert.pem',
  TLS_KEY_FILE: 'key.pem',
  TOKEN_ISSUER: 'https://localhost:8443',
  TOKEN_AUDIENCE: 'https://api.malla.local',
  PAGE_TOKEN_KEY: Buffer.alloc(32).toString('base64'),
};

describe('readConfig', () => {
  it('fills in what has a default', () => {
    const { GRPC_HOST, GRPC_PORT, SVC_USERS_TARGET, EXTERNAL_ISSUERS } = readConfig(GOOD);
    assert.deepEqual(
      { GRPC_HOST, GRPC_PORT, SVC_USERS_TARGET, EXTERNAL_ISSUERS },
      { GRPC_HOST: '127.0.0.1', GRPC_PORT: 50_053, SVC_USERS_TARGET: 'dns:///127.0.0.1:50051', EXTERNAL_ISSUERS: [] },
    );
  });

  it('names every variable that is missing or wrong', () => {
    const bad = {
      ...GOOD,
      GRPC_PORT: 'x',
      DATABASE_URL: 'mysql://localhost',
      PAGE_TOKEN_KEY: 'c2hvcnQ=',
      TOKEN_ISSUER: '',
    };
    assert.throws(
      () => readConfig(bad),
      (error: Error) => {
        const names = ['GRPC_PORT', 'DATABASE_URL', 'PAGE_TOKEN_KEY', 'TOKEN_ISSUER'];
        return names.every((name) => error.message.includes(name)) && !error.message.includes('c2hvcnQ=');
      },
    );
  });

  it('refuses an external issuer that is our own', () => {
    const issuer = { issuer: GOOD.TOKEN_ISSUER, audience: 'a' };
    assert.throws(() => readConfig({ ...GOOD, EXTERNAL_ISSUERS: JSON.stringify([issuer]) }), /EXTERNAL_ISSUERS/);
  });
});
