import { createLogger } from '@malla/chassis/logger';
import type { Running } from '@malla/chassis/process';
import { createGrpcServer } from '@malla/chassis/server';
import { loadMeshTls } from '@malla/chassis/tls';
import { mallaContract } from '@malla/proto/contract';
import { RequestContext } from '@mikro-orm/core';
import type { Config } from './config.ts';
import { createAccessTokenSigner } from './crypto/access-tokens.ts';
import { newKeyPair } from './crypto/key-pairs.ts';
import { createPasswordHasher } from './crypto/password-hasher.ts';
import { createLoginAttempts } from './data/login-attempts.repository.ts';
import { openOrm } from './data/orm.ts';
import { createPurge } from './data/purge.ts';
import { createRefreshTokens, createSessions } from './data/sessions.repository.ts';
import { createSigningKeys } from './data/signing-keys.repository.ts';
import { createTransact } from './data/transact.ts';
import { newId } from './data/type-id.ts';
import { createUsers } from './data/users.repository.ts';
import type { Clock } from './domain/clock.ts';
import { createKeyring } from './domain/keyring.ts';
import { DEFAULT_KEY_SCHEDULE, type KeySchedule } from './domain/signing-key.ts';
import { createIdentification } from './identification.ts';
import { usersService } from './rpc/index.ts';
import { every } from './workers/every.ts';

const ROTATE_INTERVAL_MS = 60_000;
const PURGE_INTERVAL_MS = 600_000;
const STOP_GRACE_MS = 20_000;

/** What a test may set in place of the real thing. */
export interface Overrides {
  readonly clock?: Clock;
  readonly keySchedule?: KeySchedule;
}

/** Wires the service together and starts it. @returns its port, and how to stop it. */
export async function startServer(config: Config, overrides: Overrides = {}): Promise<Running & { port: number }> {
  const log = createLogger('svc-users', config.LOG_LEVEL);
  const clock = overrides.clock ?? { now: () => new Date() };
  const orm = openOrm(config.DATABASE_URL);

  const schedule = overrides.keySchedule ?? DEFAULT_KEY_SCHEDULE;
  const keyring = createKeyring(createSigningKeys(orm), () => newKeyPair(config.KEY_ENCRYPTION_KEY), clock, schedule);
  await keyring.rotate();

  const deps = {
    clock,
    keyring,
    newId,
    issuer: config.TOKEN_ISSUER,
    transact: createTransact(orm),
    users: createUsers(orm),
    sessions: createSessions(orm),
    refreshTokens: createRefreshTokens(orm),
    attempts: createLoginAttempts(orm),
    hasher: await createPasswordHasher(),
    sign: createAccessTokenSigner({
      issuer: config.TOKEN_ISSUER,
      audience: config.TOKEN_AUDIENCE,
      encryptionKey: config.KEY_ENCRYPTION_KEY,
      keyring,
      clock,
    }),
  };
  const server = createGrpcServer({
    contract: mallaContract(),
    implementations: [usersService(deps)],
    tls: loadMeshTls(config),
    log,
    identification: createIdentification(config, deps),
    withinCall: (work) => RequestContext.create(orm.em, work),
    readiness: async () => void (await orm.em.fork().execute('SELECT 1')),
  });
  const port = await server.start(config.GRPC_HOST, config.GRPC_PORT);
  log.info({ port }, 'listening');
  const workers = [
    every(ROTATE_INTERVAL_MS, 'key rotation', log, keyring.rotate),
    every(PURGE_INTERVAL_MS, 'purge', log, createPurge(orm, clock)),
  ];
  return {
    port,
    stop: async () => {
      await server.stop(STOP_GRACE_MS);
      await Promise.all(workers.map((stop) => stop()));
      await orm.close();
    },
  };
}
