import { currentCall } from '@malla/chassis/context';
import { createDatabaseClock, type DatabaseClock, fixedClock } from '@malla/chassis/database-clock';
import { DomainError } from '@malla/chassis/errors';
import { every } from '@malla/chassis/every';
import { createLogger } from '@malla/chassis/logger';
import { createMetrics } from '@malla/chassis/metrics';
import { mysqlReadiness, readMysqlTime } from '@malla/chassis/mysql-checks';
import { orUnavailable } from '@malla/chassis/mysql-outage';
import type { Running } from '@malla/chassis/process';
import { createGrpcServer, type GrpcServer } from '@malla/chassis/server';
import { loadMeshTls } from '@malla/chassis/tls';
import { mallaContract } from '@malla/proto/contract';
import { RequestContext } from '@mikro-orm/core';
import type { Config } from './config.ts';
import { createAccessTokenSigner } from './crypto/access-tokens.ts';
import { createKeyVault, vaultOf } from './crypto/key-vault.ts';
import { createPasswordHasher, type HashingCost } from './crypto/password-hasher.ts';
import { createKnownOrigins } from './data/known-origins.repository.ts';
import { createLoginAttempts } from './data/login-attempts.repository.ts';
import { type Orm, openOrm } from './data/orm.ts';
import { createPermissions } from './data/permissions.repository.ts';
import { createPurge } from './data/purge.ts';
import { createRefreshTokens, createSessions } from './data/sessions.repository.ts';
import { createSigningKeys } from './data/signing-keys.repository.ts';
import { createTakeovers } from './data/takeovers.repository.ts';
import { createTransact } from './data/transact.ts';
import { createUsers } from './data/users.repository.ts';
import type { Clock } from './domain/clock.ts';
import { newId } from './domain/ids.ts';
import { createKeyring, type Keyring } from './domain/keyring.ts';
import { DEFAULT_KEY_SCHEDULE, type KeySchedule } from './domain/signing-key.ts';
import { createIdentification } from './identification.ts';
import { usersService } from './rpc/index.ts';

const HEALTH_CHECK_INTERVAL_MS = 5_000;
const ROTATE_INTERVAL_MS = 60_000;
const PURGE_INTERVAL_MS = 600_000;
const STOP_GRACE_MS = 20_000;

/** A server that runs. */
export interface Started extends Running {
  readonly port: number;
  /** Where its metrics are read; undefined when they are not. */
  readonly metricsPort: number | undefined;
}

/** What a test may set in place of the real thing. */
export interface Overrides {
  readonly clock?: Clock;
  readonly keySchedule?: KeySchedule;
  readonly hashingCost?: HashingCost;
  readonly healthCheckIntervalMs?: number;
}

/**
 * Wires the service together and starts it. While the database is away it says NOT_SERVING, and starts to serve when it comes.
 * @throws Error when `KEY_ENCRYPTION_KEY` is not the one that the keys in the database are under, or the port is taken.
 */
export async function startServer(config: Config, overrides: Overrides = {}): Promise<Started> {
  const log = createLogger('svc-users', config.LOG_LEVEL);
  const tls = loadMeshTls(config);
  const orm = openOrm(config.DATABASE_URL);
  try {
    const execute = (sql: string) => orm.em.fork().execute(sql);
    const clock = overrides.clock
      ? fixedClock(overrides.clock)
      : createDatabaseClock({ readTime: () => readMysqlTime(execute), log });
    const deps = await createDeps(config, orm, overrides, clock);
    const metrics = createMetrics(config, log);
    metrics?.gauge(clock.gauge);
    const server = createGrpcServer({
      contract: mallaContract(),
      implementations: [usersService(deps)],
      tls,
      log,
      metrics,
      identification: createIdentification(config, deps),
      fitness: () => orUnavailable(clock.ready),
      withinCall: deps.withDatabase,
      readiness: await readinessOf(mysqlReadiness(execute, clock), clock, deps.keyring),
      healthCheckIntervalMs: overrides.healthCheckIntervalMs ?? HEALTH_CHECK_INTERVAL_MS,
    });
    const port = await server.start(config.GRPC_HOST, config.GRPC_PORT);
    log.info({ port }, 'listening');
    const stopping = new AbortController();
    const purge = createPurge(orm, deps.clock);
    const workers = [
      async () => stopping.abort(),
      every(ROTATE_INTERVAL_MS, 'key rotation', log, whenReady(clock, deps.keyring.rotate)),
      every(
        PURGE_INTERVAL_MS,
        'purge',
        log,
        whenReady(clock, () => purge(stopping.signal)),
      ),
    ];
    return { port, metricsPort: metrics?.port, stop: () => stopAll(server, workers, orm) };
  } catch (error) {
    await orm.close();
    throw error;
  }
}

async function createDeps(config: Config, orm: Orm, overrides: Overrides, clock: Clock) {
  const { TOKEN_ISSUER: issuer, TOKEN_AUDIENCE: audience } = config;
  const vault = createKeyVault(vaultOf(config));
  const schedule = overrides.keySchedule ?? DEFAULT_KEY_SCHEDULE;
  const keyring = createKeyring(createSigningKeys(orm), vault, clock, schedule);
  return {
    clock,
    keyring,
    newId,
    issuer,
    withDatabase: inDatabase(orm),
    transact: createTransact(orm),
    users: createUsers(orm),
    sessions: createSessions(orm),
    refreshTokens: createRefreshTokens(orm),
    permissions: createPermissions(orm),
    takeovers: createTakeovers(orm),
    attempts: createLoginAttempts(orm),
    knownOrigins: createKnownOrigins(orm),
    hasher: await createPasswordHasher(overrides.hashingCost),
    sign: createAccessTokenSigner({ issuer, audience, vault, keyring, clock }),
  };
}

/** Work of a replica whose clock is right. Any other leaves it to those. */
function whenReady({ isReady }: DatabaseClock, work: () => Promise<void>): () => Promise<void> {
  return async () => {
    if (await isReady()) await work();
  };
}

async function stopAll(server: GrpcServer, workers: readonly (() => Promise<void>)[], orm: Orm): Promise<void> {
  await server.stop(STOP_GRACE_MS);
  await Promise.all(workers.map((stop) => stop()));
  await orm.close();
}

/** Runs work with an EntityManager of its own, whose queries end when the call is aborted. */
function inDatabase({ em }: Orm) {
  return <Result>(work: () => Promise<Result>): Promise<Result> => {
    const signal = currentCall()?.signal;
    const options = signal && ({ signal, inflightQueryAbortStrategy: 'cancel query' } as const);
    return orUnavailable(() => RequestContext.create(em, work, options));
  };
}

/** Tries for the signing keys once, which may find that they cannot be opened; an outage is left to the health checks. */
async function readinessOf(
  databaseIsReady: () => Promise<void>,
  clock: DatabaseClock,
  keyring: Keyring,
): Promise<() => Promise<void>> {
  let open = false;
  const check = async () => {
    if (!open) {
      await clock.ready();
      await keyring.rotate();
    }
    open = true;
    await databaseIsReady();
  };
  await orUnavailable(check).catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error;
  });
  return check;
}
