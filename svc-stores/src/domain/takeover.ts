import type { Staff, Stores } from './ports.ts';

/** An account that the owner of its address took over from whoever had it. */
export interface Takeover {
  readonly sequence: bigint;
  readonly userId: string;
  /** What was given before was not given by the owner, or not to the owner. */
  readonly takeOverTime: Date;
}

export interface TakeoverDeps {
  readonly stores: Stores;
  readonly staff: Staff;
}

/**
 * Ends the roles that came from the account's time with somebody else, within a transaction: its own in the stores of others,
 * and those of others in its own stores. The stores stay with the account, whose owner sees what is in them.
 */
export async function endRoles({ userId, takeOverTime }: Takeover, { stores, staff }: TakeoverDeps): Promise<void> {
  for (const storeId of await staff.storesOf(userId)) {
    await stores.lock(storeId);
    const members = await staff.list(storeId);
    const owns = members.some((member) => member.userId === userId && member.role === 'owner');
    const ended = members.filter((member) => (member.userId === userId ? !owns : owns));
    for (const member of ended) {
      if (member.createTime < takeOverTime) await staff.remove(storeId, member.userId);
    }
  }
}
