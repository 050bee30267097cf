import { DomainError } from '@malla/chassis/errors';
import type { Clock } from './clock.ts';
import { isTypeId } from './ids.ts';
import type { Permissions, Transact, Users } from './ports.ts';
import { normalizeEmail, type User } from './user.ts';

export interface ChangePermissionsDeps {
  readonly transact: Transact;
  readonly users: Users;
  readonly permissions: Permissions;
  readonly clock: Clock;
  /** Every permission that some RPC asks for. */
  readonly known: ReadonlySet<string>;
}

export interface PermissionChange {
  readonly change: 'grant' | 'revoke';
  /** The account's id (`usr_…`) or its e-mail address. */
  readonly account: string;
  readonly permissions: readonly string[];
  /** Whether an address may be given permissions that nobody has proven to be the account's. */
  readonly unverified: boolean;
}

/** What came of a change: what it changed, and all that the account may do now. */
export interface PermissionsChanged {
  readonly userId: string;
  readonly changed: readonly string[];
  readonly permissions: readonly string[];
}

/**
 * Gives an account permissions, or takes them away; what is so already stays so. It counts from the next access token on.
 * @throws DomainError `not-found` (ACCOUNT_NOT_FOUND); `precondition` (EMAIL_UNVERIFIED) for a grant to an address that whoever
 *   registered it has not proven to own; `invalid` (PERMISSION_UNKNOWN) for a grant of what no RPC asks for.
 */
export async function changePermissions(
  { change, account, permissions, unverified }: PermissionChange,
  deps: ChangePermissionsDeps,
): Promise<PermissionsChanged> {
  if (change === 'grant') checkKnown(permissions, deps.known);
  return deps.transact(async () => {
    const user = await lockAccount(account, deps.users);
    if (!user) throw new DomainError('not-found', 'ACCOUNT_NOT_FOUND', 'There is no such account.');
    if (change === 'grant' && !unverified) checkProven(user, account);
    const had = new Set(await deps.permissions.of(user.userId));
    const changed = [...new Set(permissions)].filter((name) => had.has(name) === (change === 'revoke'));
    if (changed.length === 0) return { userId: user.userId, changed, permissions: [...had] };
    if (change === 'grant') await deps.permissions.add(user.userId, changed, deps.clock.now());
    else await deps.permissions.remove(user.userId, changed);
    return { userId: user.userId, changed, permissions: await deps.permissions.of(user.userId) };
  });
}

/** The account's lock lets one change of its permissions be made at a time. */
function lockAccount(account: string, users: Users): Promise<User | undefined> {
  return isTypeId(account, 'usr') ? users.lock(account) : users.lockByEmail(normalizeEmail(account));
}

function checkKnown(permissions: readonly string[], known: ReadonlySet<string>): void {
  const unknown = permissions.filter((permission) => !known.has(permission));
  if (unknown.length === 0) return;
  const message = `No RPC asks for ${unknown.join(', ')}. There are: ${[...known].sort().join(', ')}.`;
  throw new DomainError('invalid', 'PERMISSION_UNKNOWN', message);
}

/** An id names the very account; an address that nobody has proven may have been registered by somebody else. */
function checkProven({ userId, emailVerified }: User, account: string): void {
  if (emailVerified || account === userId) return;
  const message = 'Nobody has proven to own this address. Name the account by its id, or say --unverified.';
  throw new DomainError('precondition', 'EMAIL_UNVERIFIED', message);
}
