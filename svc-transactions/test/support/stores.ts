import { DomainError } from '@malla/chassis/errors';
import { type Handlers, implement } from '@malla/chassis/implementation';
import { createLogger } from '@malla/chassis/logger';
import { createGrpcServer } from '@malla/chassis/server';
import { mesh } from '@malla/chassis/testing/certificates';
import { mallaContract } from '@malla/proto/contract';
import { ReservationsServiceService } from '@malla/proto/malla/stores/v1/reservations_service';
import { StaffServiceService } from '@malla/proto/malla/stores/v1/staff_service';
import { StaffRole, StoreState } from '@malla/proto/malla/stores/v1/store';
import { StoresServiceService } from '@malla/proto/malla/stores/v1/stores_service';
import { decodeJwt } from 'jose';
import { typeid } from 'typeid-js';
import { createFakeShelves, type FakeShelves } from './shelves.ts';
import { AUDIENCE, ISSUER } from './users.ts';

/** A neighbour that says what svc-stores would of a few stores. */
export interface FakeStores {
  readonly target: string;
  /** What is on the shelves, and what is kept of it. */
  readonly shelves: FakeShelves;
  /** Opens a store. @returns its id. */
  open(ownerId: string): string;
  /** Closes a store. */
  close(storeId: string): void;
  /** Gives somebody a role in a store. */
  employ(storeId: string, userId: string, role: StaffRole): void;
  stop(): Promise<void>;
}

export async function startFakeStores(): Promise<FakeStores> {
  const staffOf = new Map<string, Map<string, StaffRole>>();
  const closed = new Set<string>();
  const absent = async () => {
    throw new Error('the tests do not ask for this');
  };
  const staff = {
    ...Object.fromEntries(Object.keys(StaffServiceService).map((name) => [name, absent])),
    listOwnedStores: async ({ userId }: { userId: string }) => ({
      storeIds: [...staffOf].filter(([, roles]) => roles.get(userId) === StaffRole.OWNER).map(([storeId]) => storeId),
    }),
    getStaff: async ({ storeId }: { storeId: string }, call: { user?: { userId: string } }) => {
      const roles = staffOf.get(storeId);
      if (!roles) throw new DomainError('not-found', 'STORE_NOT_FOUND', 'no store');
      if (!roles.has(call.user?.userId ?? '')) throw new DomainError('forbidden', 'ROLE_MISSING', 'no role');
      return { members: [...roles].map(([userId, role]) => ({ userId, role, createTime: undefined })) };
    },
  } as unknown as Handlers<typeof StaffServiceService>;
  const stores = {
    ...Object.fromEntries(Object.keys(StoresServiceService).map((name) => [name, absent])),
    getStore: async ({ name }: { name?: { value: string } }) => {
      if (!staffOf.has(name?.value ?? '')) throw new DomainError('not-found', 'STORE_NOT_FOUND', 'no store');
      return { store: { state: closed.has(name?.value ?? '') ? StoreState.CLOSED : StoreState.OPEN } };
    },
  } as unknown as Handlers<typeof StoresServiceService>;
  const shelves = createFakeShelves();
  const server = createGrpcServer({
    contract: mallaContract(),
    implementations: [
      implement(StaffServiceService, staff),
      implement(StoresServiceService, stores),
      implement(ReservationsServiceService, shelves.handlers),
    ],
    tls: await (await mesh).issue('svc-stores'),
    log: createLogger('fake-stores', 'silent'),
    // svc-transactions has verified the token; this neighbour believes it.
    identification: {
      verifyToken: async (token) => ({
        token,
        issuer: { issuer: ISSUER, audience: AUDIENCE, keys: absent, algorithms: [], typ: undefined, own: true },
        claims: decodeJwt(token) as { sub: string; exp: number },
      }),
      resolveUser: absent,
      isSessionLive: async () => true,
    },
  });
  const port = await server.start('127.0.0.1', 0);
  return {
    shelves,
    target: `dns:///127.0.0.1:${port}`,
    open: (ownerId) => {
      const storeId = typeid('store').toString();
      staffOf.set(storeId, new Map([[ownerId, StaffRole.OWNER]]));
      return storeId;
    },
    close: (storeId) => void closed.add(storeId),
    employ: (storeId, userId, role) => void staffOf.get(storeId)?.set(userId, role),
    stop: () => server.stop(1_000),
  };
}
