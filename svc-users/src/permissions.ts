import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { createDatabaseClock } from '@malla/chassis/database-clock';
import { DomainError } from '@malla/chassis/errors';
import { createLogger } from '@malla/chassis/logger';
import { readMysqlTime } from '@malla/chassis/mysql-checks';
import { mallaContract } from '@malla/proto/contract';
import { RequestContext } from '@mikro-orm/core';
import { readMigrationConfig } from './config.ts';
import { openOrm } from './data/orm.ts';
import { createPermissions } from './data/permissions.repository.ts';
import { createTransact } from './data/transact.ts';
import { createUsers } from './data/users.repository.ts';
import { changePermissions, type PermissionChange } from './domain/change-permissions.ts';

/** The operators' job: `npm run grant -- <account> <permission>…`, and `npm run revoke` alike. */
const log = createLogger('svc-users', 'info');
const by = operator();

try {
  const change = readArguments(process.argv.slice(2));
  const orm = openOrm(readMigrationConfig(process.env).DATABASE_URL);
  try {
    const clock = createDatabaseClock({ readTime: () => readMysqlTime((sql) => orm.em.fork().execute(sql)), log });
    await clock.ready();
    const known = new Set([...mallaContract().rpcs.values()].flatMap(({ policy }) => policy.permissions));
    const deps = {
      transact: createTransact(orm),
      users: createUsers(orm),
      permissions: createPermissions(orm),
      clock,
      known,
    };
    const outcome = await RequestContext.create(orm.em, () => changePermissions(change, deps));
    log.info({ audit: 'permissions', by, change: change.change, ...outcome }, 'permissions changed');
  } finally {
    await orm.close();
  }
} catch (error) {
  const known = error instanceof DomainError ? { reason: error.reason, problem: error.message } : { err: error };
  log.fatal({ audit: 'permissions', by, ...known }, 'permissions not changed');
  process.exitCode = 1;
}

/** Who runs the job, as the system knows them: a container's user may have no name. */
function operator(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** @throws Error saying how it is used. */
function readArguments(args: string[]): PermissionChange {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { unverified: { type: 'boolean' } },
  });
  const [change, account, ...permissions] = positionals;
  if ((change === 'grant' || change === 'revoke') && account && permissions.length > 0)
    return { change, account, permissions, unverified: values.unverified ?? false };
  throw new Error('say whom and what: npm run grant -- [--unverified] <e-mail or usr_…> <permission>…');
}
