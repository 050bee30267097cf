import { DomainError } from '@malla/chassis/errors';
import { isTypeId } from './ids.ts';
import type { Staff } from './ports.ts';
import { requireRole } from './staff.ts';

export interface ImporterDeps {
  readonly staff: Pick<Staff, 'roleOf'>;
}

/** @throws DomainError `invalid` (STORE_ID_INVALID), `not-found` or `forbidden` when a user may not import into a store. */
export async function requireImporter(userId: string, storeId: string, { staff }: ImporterDeps): Promise<void> {
  if (!isTypeId(storeId, 'store')) {
    const fields = [{ field: 'store_id', reason: 'STORE_ID_INVALID', description: 'must be the id of a store' }];
    throw new DomainError('invalid', 'STORE_ID_INVALID', 'The store’s id is none.', { fields });
  }
  requireRole(await staff.roleOf(storeId, userId), 'manager');
}

/** Checks the store of the first line, row or not, before anything is held or written. @throws as requireImporter. */
export async function* ofImporter<Input extends { readonly storeId: string }>(
  userId: string,
  inputs: AsyncIterable<Input>,
  deps: ImporterDeps,
): AsyncGenerator<Input> {
  let isChecked = false;
  for await (const input of inputs) {
    if (!isChecked) await requireImporter(userId, input.storeId, deps);
    isChecked = true;
    yield input;
  }
}
