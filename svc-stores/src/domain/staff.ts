import { DomainError } from '@malla/chassis/errors';

export type StaffRole = 'owner' | 'manager' | 'clerk';

export interface StaffMember {
  readonly storeId: string;
  readonly userId: string;
  readonly role: StaffRole;
  readonly createTime: Date;
}

const RANK: Readonly<Record<StaffRole, number>> = { clerk: 1, manager: 2, owner: 3 };

/**
 * Lets through who has a role or a higher one.
 * @param role what the user is for the store; undefined for a stranger.
 * @param absent the resource's own not-found, for strangers. Left out where the resource is a store, whose existence is public.
 * @throws DomainError `forbidden` (ROLE_MISSING), or what `absent` makes.
 */
export function requireRole(role: StaffRole | undefined, needed: StaffRole, absent?: () => DomainError): void {
  if (role !== undefined && RANK[role] >= RANK[needed]) return;
  if (role === undefined && absent) throw absent();
  const message = `Only somebody who is ${needed} of the store or above may do this.`;
  throw new DomainError('forbidden', 'ROLE_MISSING', message, { metadata: { role: needed } });
}
