import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError, externalIssuers, loadConfig, logLevel, meshTlsFiles, port } from '../../src/config/config.ts';
import { afterThisTest } from '../support/cleanup.ts';

const SECRET = 'hunter2';
const shape = { GRPC_PORT: port.default(50_051), DATABASE_URL: z.url(), LOG_LEVEL: logLevel, ISSUERS: externalIssuers };

function fileOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'malla-config-'));
  afterThisTest(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'secret');
  writeFileSync(path, text);
  return path;
}

function faultsOf(load: () => unknown): string {
  try {
    load();
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  throw new Error('the configuration was accepted');
}

describe('loadConfig', () => {
  it('parses variables and fills in defaults', () => {
    const config = loadConfig(shape, { DATABASE_URL: 'mysql://u:p@h/db', GRPC_PORT: '0', OTHER: 'x' });
    assert.deepEqual(config, { GRPC_PORT: 0, DATABASE_URL: 'mysql://u:p@h/db', LOG_LEVEL: 'info', ISSUERS: [] });
  });

  it('takes an empty variable for one that is not set', () => {
    assert.equal(loadConfig({ GRPC_PORT: port.default(1) }, { GRPC_PORT: '' }).GRPC_PORT, 1);
    assert.match(
      faultsOf(() => loadConfig({ DATABASE_URL: z.url() }, { DATABASE_URL: '' })),
      /DATABASE_URL/,
    );
  });

  it('names every bad variable at once, and shows the value of none', () => {
    const env = { GRPC_PORT: `${SECRET}1`, DATABASE_URL: `no url ${SECRET}`, LOG_LEVEL: SECRET, ISSUERS: `{${SECRET}` };
    const message = faultsOf(() =>
      loadConfig({ ...shape, ...meshTlsFiles }, { ...env, TLS_CERT_FILE_FILE: `/${SECRET}` }),
    );
    for (const name of [...Object.keys(shape), ...Object.keys(meshTlsFiles)])
      assert.match(message, new RegExp(`${name}[:_]`));
    assert.ok(!message.includes(SECRET));
    assert.ok(message.split('\n').length <= 9, message);
  });

  for (const bad of ['-1', '65536', '1.5', '0x50', '1e3', ' ', 'NaN', '80 80']) {
    it(`refuses the port '${bad}'`, () => {
      assert.match(
        faultsOf(() => loadConfig({ GRPC_PORT: port }, { GRPC_PORT: bad })),
        /GRPC_PORT/,
      );
    });
  }

  it('reads a variable from the file that X_FILE names, without its last line break', () => {
    const env = { DATABASE_URL_FILE: fileOf('mysql://u:p@h/db\n') };
    assert.equal(loadConfig({ DATABASE_URL: z.url() }, env).DATABASE_URL, 'mysql://u:p@h/db');
  });

  it('prefers the variable to its file', () => {
    const env = { DATABASE_URL: 'mysql://a/db', DATABASE_URL_FILE: fileOf('mysql://b/db') };
    assert.equal(loadConfig({ DATABASE_URL: z.url() }, env).DATABASE_URL, 'mysql://a/db');
  });

  it('takes an empty file for a variable that is not set', () => {
    const message = faultsOf(() => loadConfig({ DATABASE_URL: z.string() }, { DATABASE_URL_FILE: fileOf('\n') }));
    assert.match(message, /DATABASE_URL/);
  });

  it('says once that a file cannot be read', () => {
    const message = faultsOf(() => loadConfig({ DATABASE_URL: z.url() }, { DATABASE_URL_FILE: '/nowhere' }));
    assert.equal(message, 'bad configuration:\n  DATABASE_URL_FILE: names a file that cannot be read');
  });

  it('parses external issuers, and refuses what is none without showing it', () => {
    const auth0 = [{ issuer: 'https://tenant.eu.auth0.com/', audience: 'https://api.test' }];
    assert.deepEqual(loadConfig({ ISSUERS: externalIssuers }, { ISSUERS: JSON.stringify(auth0) }).ISSUERS, auth0);
    for (const bad of ['{}', '[1]', '[{}]', 'null', `[{"issuer":"x","audience":"${SECRET}"}]`]) {
      assert.match(
        faultsOf(() => loadConfig({ ISSUERS: externalIssuers }, { ISSUERS: bad })),
        /ISSUERS/,
      );
    }
    const script = [{ ...auth0[0], jwksUri: `file:///${SECRET}` }];
    const message = faultsOf(() => loadConfig({ ISSUERS: externalIssuers }, { ISSUERS: JSON.stringify(script) }));
    assert.match(message, /ISSUERS\.0\.jwksUri/);
    assert.ok(!message.includes(SECRET));
  });
});
