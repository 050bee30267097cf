import assert from 'node:assert/strict';
import { formatEnvFile, processEnv, readEnvFile } from '../../../src/mesh/env-files.ts';
import { PROCESSES, type ProcessSpec } from '../../../src/mesh/processes.ts';
import { stateIn } from '../../../src/mesh/state.ts';
import { put, tempDir } from '../../temp-dir.ts';

const secrets = { mysqlRootPassword: 'root', mysqlPassword: 'secret', keys: { KEY_ENCRYPTION_KEY: 'a+/=' } };
const stores: ProcessSpec = { name: 'svc-stores', kind: 'service', port: 50053, keys: [] };
const processes = [...PROCESSES.filter(({ name }) => name !== stores.name), stores];
const around = {
  state: stateIn('/state'),
  processes,
  ports: new Map(processes.map(({ name, port }) => [name, port])),
  mysqlPorts: new Map([['svc-users', 3307]]),
  env: { LOG_LEVEL: 'debug', EXTERNAL_ISSUERS: '[{"issuer":"https://x/"}]', HOME: '/home/x' },
};
const specOf = (name: string): ProcessSpec => {
  const spec = around.processes.find((process) => process.name === name);
  assert.ok(spec);
  return spec;
};

describe('processEnv', () => {
  it('gives a service its port, its database and its keys', () => {
    const env = processEnv(specOf('svc-users'), secrets, around);
    assert.equal(env.GRPC_PORT, '50051');
    assert.equal(env.DATABASE_URL, 'mysql://svc_users:secret@127.0.0.1:3307/svc_users');
    assert.equal(env.TLS_CERT_FILE, '/state/certs/svc-users.pem');
    assert.equal(env.TOKEN_ISSUER, 'https://localhost:8443');
    assert.equal(env.KEY_ENCRYPTION_KEY, 'a+/=');
  });

  it('tells a service where the others are', () => {
    const env = processEnv(specOf('svc-stores'), { ...secrets, keys: {} }, around);
    assert.equal(env.SVC_USERS_TARGET, 'dns:///127.0.0.1:50051');
    assert.equal(env.SVC_STORES_TARGET, undefined);
  });

  it('gives the gateway every service as an upstream, and no database', () => {
    const env = processEnv(specOf('edge-gateway'), { ...secrets, keys: {} }, around);
    const upstreams = ['svc-users=dns:///127.0.0.1:50051', 'svc-transactions=dns:///127.0.0.1:50052'];
    assert.equal(env.UPSTREAMS, [...upstreams, 'svc-stores=dns:///127.0.0.1:50053'].join(','));
    assert.equal(env.HTTPS_CERT_FILE, '/state/certs/edge-gateway-https.pem');
    assert.equal(env.DATABASE_URL, undefined);
  });

  it('tells a service where its sandbox is, and the sandbox where the front door is', () => {
    const service = processEnv(specOf('svc-transactions'), secrets, around);
    assert.equal(service.SANDBOX_URL, 'http://127.0.0.1:50062');
    assert.equal(service.TAX_BASIS_POINTS, '{"standard":1600}');
    const sandbox = processEnv(specOf('payment-sandbox'), { ...secrets, keys: { SANDBOX_API_KEY: 'k' } }, around);
    assert.equal(sandbox.SANDBOX_WEBHOOK_URL, 'https://localhost:8443/v1/transactions/providers/sandbox/webhook');
    assert.equal(sandbox.SANDBOX_DATABASE_FILE, '/state/data/payment-sandbox.sqlite');
    assert.equal(sandbox.NODE_EXTRA_CA_CERTS, '/state/ca.pem');
    assert.equal(sandbox.SANDBOX_API_KEY, 'k');
    assert.equal(sandbox.TLS_KEY_FILE, undefined);
    assert.equal(processEnv(specOf('svc-users'), secrets, around).SANDBOX_URL, undefined);
  });

  it('has a process serve its metrics where that is wanted, and no other', () => {
    const env = { ...around.env, SVC_USERS_METRICS_PORT: '9464' };
    assert.equal(processEnv(specOf('svc-users'), secrets, { ...around, env }).METRICS_PORT, '9464');
    assert.equal(processEnv(specOf('svc-stores'), secrets, { ...around, env }).METRICS_PORT, undefined);
  });

  it('passes on what may be set from outside, and nothing else', () => {
    const env = processEnv(specOf('svc-users'), secrets, around);
    assert.equal(env.LOG_LEVEL, 'debug');
    assert.equal(env.EXTERNAL_ISSUERS, '[{"issuer":"https://x/"}]');
    assert.equal(env.HOME, undefined);
  });
});

describe('formatEnvFile', () => {
  it('is read back as it was', () => {
    const env = { JSON: '[{"a":"b c"}]', EMPTY: '', BASE64: 'a+/=', HASH: 'a#b', DOLLAR: '$HOME', SLASH: 'a\\nb' };
    assert.deepEqual(readEnvFile(put(tempDir(), 'x.env', formatEnvFile(env))), env);
  });

  it('refuses what such a file cannot carry', () => {
    for (const value of ["it's", 'two\nlines'])
      assert.throws(() => formatEnvFile({ NAME: value }), /NAME must hold neither/);
  });
});
