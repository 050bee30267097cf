/** Runs `work` in one database transaction, again from the start when the database rolled it back for a deadlock. */
export type Transact = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Runs `work`, which only reads, so that all of it sees one moment. */
export type Snapshot = <Result>(work: () => Promise<Result>) => Promise<Result>;

export type StaffRole = 'owner' | 'manager' | 'clerk';

/** Who works for which store; svc-stores knows. */
export interface StoreStaff {
  /** @throws DomainError `not-found` (STORE_NOT_FOUND), `forbidden` (ROLE_MISSING) when the user does not work for the store. */
  requireStaff(storeId: string): Promise<void>;
  /** What the caller is for the store; undefined for a stranger. @throws DomainError `not-found` (STORE_NOT_FOUND). */
  roleOf(storeId: string, callerId: string): Promise<StaffRole | undefined>;
}

/** Who manages which store; svc-stores knows. */
export interface StoreManagers {
  /** @throws as `requireStaff` does, also for staff that are neither the owner nor managers. */
  requireManager(storeId: string, userId: string): Promise<void>;
}
