import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metadata } from '@grpc/grpc-js';
import { openChannel } from '@malla/chassis/channel';
import { createClient, type ServiceClient } from '@malla/chassis/client';
import type { ExternalIssuer } from '@malla/chassis/config';
import type { MeshTls } from '@malla/chassis/tls';
import { mallaContract } from '@malla/proto/contract';
import { UsersServiceService } from '@malla/proto/malla/users/v1/users_service';
import type { Config } from '../../src/config.ts';
import { openOrm } from '../../src/data/orm.ts';
import { type Overrides, startServer } from '../../src/server.ts';
import { mesh } from './certificates.ts';
import { createDatabase } from './database.ts';

export const ISSUER = 'https://users.test';
export const AUDIENCE = 'https://api.test';

export type UsersClient = ServiceClient<typeof UsersServiceService>;

/** A clock that tests move. */
export class TestClock {
  #time = Date.now();

  now(): Date {
    return new Date(this.#time);
  }

  advance(ms: number): void {
    this.#time += ms;
  }
}

/** A running svc-users with a database of its own, and a client that calls it as the edge-gateway. */
export interface TestService {
  readonly client: UsersClient;
  readonly clock: TestClock;
  readonly config: Config;
  /** A client that calls as somebody else. */
  clientAs(name: string): Promise<UsersClient>;
  /** Runs SQL in the service's database. */
  sql<Row>(statement: string, parameters?: unknown[]): Promise<Row[]>;
  /** Starts another replica on the same database. */
  replica(): Promise<UsersClient>;
  stop(): Promise<void>;
}

interface Options extends Pick<Overrides, 'keySchedule'> {
  readonly externalIssuers?: readonly ExternalIssuer[];
}

/** Starts a service for the tests of a file. */
export async function startTestService({ externalIssuers = [], ...overrides }: Options = {}): Promise<TestService> {
  const database = await createDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'svc-users-'));
  const config = await testConfig(folder, database.url, externalIssuers);
  const clock = new TestClock();
  const orm = openOrm(database.url);
  const running = [await startServer(config, { clock, ...overrides })];
  const clientAs = async (name: string, port = running[0]?.port ?? 0) => connect(port, await (await mesh).issue(name));
  return {
    clock,
    config,
    client: await clientAs('edge-gateway'),
    clientAs,
    sql: (statement, parameters) => orm.em.fork().execute(statement, parameters),
    replica: async () => {
      const replica = await startServer(config, { clock, ...overrides });
      running.push(replica);
      return clientAs('edge-gateway', replica.port);
    },
    stop: async () => {
      await Promise.all(running.map((server) => server.stop()));
      await orm.close();
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}

async function testConfig(folder: string, databaseUrl: string, issuers: readonly ExternalIssuer[]): Promise<Config> {
  const tls = await (await mesh).issue('svc-users');
  const write = async (name: keyof MeshTls) => {
    await writeFile(join(folder, name), tls[name]);
    return join(folder, name);
  };
  return {
    GRPC_HOST: '127.0.0.1',
    GRPC_PORT: 0,
    DATABASE_URL: databaseUrl,
    TLS_CA_FILE: await write('ca'),
    TLS_CERT_FILE: await write('cert'),
    TLS_KEY_FILE: await write('key'),
    TOKEN_ISSUER: ISSUER,
    TOKEN_AUDIENCE: AUDIENCE,
    EXTERNAL_ISSUERS: [...issuers],
    EXTERNAL_CLAIMS_NAMESPACE: 'https://malla.test/',
    KEY_ENCRYPTION_KEY: new Uint8Array(randomBytes(32)),
    LOG_LEVEL: (process.env.TEST_LOG_LEVEL ?? 'silent') as Config['LOG_LEVEL'],
  };
}

function connect(port: number, tls: MeshTls): UsersClient {
  const contract = mallaContract();
  const channel = openChannel({ contract, service: 'svc-users', target: `dns:///127.0.0.1:${port}`, tls });
  return createClient(channel, UsersServiceService, contract);
}

/** Call options that carry an access token, and come from an address at the edge. */
export function as(accessToken: string, address = '192.0.2.1') {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${accessToken}`);
  metadata.set('x-origin-address', address);
  return { metadata };
}

/** Call options that come from an address at the edge. */
export function from(address: string, userAgent = 'test') {
  const metadata = new Metadata();
  metadata.set('x-origin-address', address);
  metadata.set('x-origin-user-agent', userAgent);
  return { metadata };
}

export const PASSWORD = 'correct horse battery';

/** Registers somebody new. */
export async function registerSomebody(client: UsersClient) {
  const email = `${randomUUID()}@example.com`;
  return { email, ...(await client.registerUser({ email, password: PASSWORD, displayName: 'Somebody' })) };
}
