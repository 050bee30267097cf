import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createLogger } from '@malla/chassis/logger';
import { mesh } from '@malla/chassis/testing/certificates';
import { createApp, type Gateway } from '../../src/app.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { afterThisTest } from './cleanup.ts';
import { type Changes, withChanges } from './contract.ts';
import { FAKES } from './fakes.ts';
import { AUDIENCE, createIssuer, ISSUER, type TestIssuer } from './tokens.ts';
import { type Fakes, startUpstream, type Upstream } from './upstream.ts';

/** A gateway with everything behind it. */
export interface TestGateway extends Gateway {
  readonly config: Config;
  readonly testing: Upstream;
  readonly users: Upstream;
  readonly issuer: TestIssuer;
  /** Everything that was logged, one JSON text a line. */
  readonly lines: string[];
  readonly ca: Buffer;
  stop(): Promise<void>;
}

export interface TestOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly fakes?: Fakes;
  /** Services besides svc-testing and svc-users, with where they are. */
  readonly upstreams?: Readonly<Record<string, Upstream>>;
  /** What the contract says of some RPCs instead. */
  readonly changes?: Changes;
}

/** The key that signs the tokens of tests. */
const issuer = createIssuer('key-1');

/** Builds a gateway over fakes of svc-testing and svc-users. `app.inject` calls it without a port; `app.listen` opens one. */
export async function createTestGateway(options: TestOptions = {}): Promise<TestGateway> {
  const { env = {}, fakes = {}, upstreams = {}, changes = {} } = options;
  const { publicJwk } = await issuer;
  const testing = await startUpstream('svc-testing', { ...fakes, unary: { ...FAKES, ...fakes.unary } });
  const users = await startUpstream('svc-users', {
    unary: { 'UsersService/GetJwks': () => ({ keys: [publicJwk] }) as never },
  });
  const certificates = await (await mesh).issue('edge-gateway');
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
  const lines: string[] = [];
  const log = createLogger(
    'edge-gateway',
    'info',
    new Writable({ write: (line, _encoding, done) => done(void lines.push(String(line))) }),
  );
  const config = readConfig({
    ...writeFiles(folder, certificates),
    HTTPS_PORT: '0',
    UPSTREAMS: Object.entries({ 'svc-testing': testing, 'svc-users': users, ...upstreams })
      .map(([name, { port }]) => `${name}=dns:///127.0.0.1:${port}`)
      .join(','),
    TOKEN_ISSUER: ISSUER,
    TOKEN_AUDIENCE: AUDIENCE,
    ...env,
  });
  const gateway = await createApp(config, withChanges(changes), log);
  const stop = async () => {
    await gateway.app.close();
    await Promise.all([testing, users, ...Object.values(upstreams)].map((each) => each.stop()));
    rmSync(folder, { recursive: true });
  };
  return { ...gateway, config, testing, users, issuer: await issuer, lines, ca: certificates.ca, stop };
}

/** A gateway that stops with the test that runs now. */
export async function gatewayForThisTest(options: TestOptions = {}): Promise<TestGateway> {
  const gateway = await createTestGateway(options);
  afterThisTest(() => gateway.stop());
  return gateway;
}

function writeFiles(folder: string, { ca, cert, key }: { ca: Buffer; cert: Buffer; key: Buffer }) {
  const file = (name: string, content: Buffer) => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const [caFile, certFile, keyFile] = [file('ca.pem', ca), file('cert.pem', cert), file('key.pem', key)];
  return {
    TLS_CA_FILE: caFile,
    TLS_CERT_FILE: certFile,
    TLS_KEY_FILE: keyFile,
    HTTPS_CERT_FILE: certFile,
    HTTPS_KEY_FILE: keyFile,
  };
}
