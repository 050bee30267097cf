import {
  type StaffMember as MemberMessage,
  StaffRole as RoleMessage,
  StoreState as StateMessage,
  Store as StoreMessage,
} from '@malla/proto/malla/stores/v1/store';
import { etagOf } from '../domain/resource.ts';
import type { StaffMember, StaffRole } from '../domain/staff.ts';
import type { Store } from '../domain/store.ts';

export function toStoreMessage(store: Store): StoreMessage {
  return {
    storeId: store.storeId,
    slug: store.slug,
    name: store.name,
    description: store.description,
    currencyCode: store.currencyCode,
    countryCode: store.countryCode,
    contactEmail: store.contactEmail,
    contactPhone: store.contactPhone,
    logoUrl: store.logoUrl,
    legalName: store.legalName,
    postalAddress: store.postalAddress,
    taxId: store.taxId,
    state: store.state === 'open' ? StateMessage.OPEN : StateMessage.CLOSED,
    createTime: store.createTime,
    updateTime: store.updateTime,
    etag: etagOf(store),
  };
}

/** What a client sends of a store. */
export function fromStoreMessage(store: StoreMessage | undefined): StoreMessage {
  return store ?? StoreMessage.create();
}

export function toMemberMessage({ userId, role, createTime }: StaffMember): MemberMessage {
  return { userId, role: toRole(role), createTime };
}

export function toRole(role: StaffRole): RoleMessage {
  return { owner: RoleMessage.OWNER, manager: RoleMessage.MANAGER, clerk: RoleMessage.CLERK }[role];
}
