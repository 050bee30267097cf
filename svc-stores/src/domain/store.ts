import { isCurrentCurrency } from '@malla/chassis/currencies';
import { DomainError } from '@malla/chassis/errors';
import { isCountry } from './codes.ts';
import { etagOf, invalid, type Violation } from './resource.ts';

export type StoreState = 'open' | 'closed';

/** What a manager may change of a store at will. */
export interface StoreFields {
  name: string;
  description: string;
  countryCode: string;
  contactEmail: string;
  contactPhone: string;
  logoUrl: string;
  legalName: string;
  /** In lines. */
  postalAddress: string;
  taxId: string;
}

/** The names of these fields as a client writes them, which are the proto's. */
export const STORE_FIELDS = {
  name: 'name',
  description: 'description',
  country_code: 'countryCode',
  contact_email: 'contactEmail',
  contact_phone: 'contactPhone',
  logo_url: 'logoUrl',
  legal_name: 'legalName',
  postal_address: 'postalAddress',
  tax_id: 'taxId',
} as const satisfies Record<string, keyof StoreFields>;

/** What a client sends of a new store. */
export interface NewStore extends StoreFields {
  slug: string;
  currencyCode: string;
}

/** A merchant's store. */
export class Store implements StoreFields {
  storeId: string;
  slug: string;
  name: string;
  description: string;
  currencyCode: string;
  countryCode: string;
  contactEmail: string;
  contactPhone: string;
  logoUrl: string;
  legalName: string;
  postalAddress: string;
  taxId: string;
  state: StoreState = 'open';
  createTime: Date;
  updateTime: Date;
  /** Grows with each change. */
  version = 1;

  constructor(storeId: string, fields: NewStore, now: Date) {
    this.storeId = storeId;
    this.slug = fields.slug;
    this.name = fields.name;
    this.description = fields.description;
    this.currencyCode = fields.currencyCode;
    this.countryCode = fields.countryCode;
    this.contactEmail = fields.contactEmail;
    this.contactPhone = fields.contactPhone;
    this.logoUrl = fields.logoUrl;
    this.legalName = fields.legalName;
    this.postalAddress = fields.postalAddress;
    this.taxId = fields.taxId;
    this.createTime = now;
    this.updateTime = now;
  }

  /**
   * Changes some fields; without effect when they are so already.
   * @param etag the version that the change is meant for; empty for whichever it is.
   * @throws DomainError `aborted` (ETAG_MISMATCH) when the store has changed since.
   */
  update(changes: Partial<StoreFields>, etag: string, now: Date): void {
    if (etag !== '' && etag !== etagOf(this)) {
      throw new DomainError('aborted', 'ETAG_MISMATCH', 'The store has changed since it was read.');
    }
    const names = Object.keys(changes) as (keyof StoreFields)[];
    if (names.every((name) => changes[name] === this[name])) return;
    Object.assign(this, changes);
    this.updateTime = now;
  }

  /** Closes or opens the store. @returns false when it is so already. */
  become(state: StoreState, now: Date): boolean {
    if (this.state === state) return false;
    this.state = state;
    this.updateTime = now;
    return true;
  }
}

/**
 * Checks of a new store what the contract's rules cannot.
 * @throws DomainError `invalid` (STORE_INVALID) naming every bad field.
 */
export function checkNewStore(fields: NewStore): void {
  const missing = (['slug', 'name', 'currency_code', 'country_code'] as const).filter(
    (path) => fields[path === 'slug' ? 'slug' : path === 'currency_code' ? 'currencyCode' : STORE_FIELDS[path]] === '',
  );
  const faults = missing.map((path) => required(path));
  const currency = fields.currencyCode !== '' && !isCurrentCurrency(fields.currencyCode);
  if (currency)
    faults.push({
      field: 'store.currency_code',
      reason: 'FIELD_INVALID',
      description: 'must be money that ISO 4217 lists as current',
    });
  throwAny([...faults, ...faultsOf(fields)]);
}

/** @throws DomainError `invalid` (STORE_INVALID) naming every bad field. */
export function checkStore(changes: Partial<StoreFields>): void {
  const missing = changes.countryCode === '' ? [required('country_code')] : [];
  throwAny([...missing, ...(changes.name === '' ? [required('name')] : []), ...faultsOf(changes)]);
}

function faultsOf({ name, countryCode }: Partial<StoreFields>): Violation[] {
  const faults: Violation[] = [];
  if (name && name.trim() === '') {
    faults.push({ field: 'store.name', reason: 'FIELD_INVALID', description: 'must hold a visible character' });
  }
  if (countryCode && !isCountry(countryCode)) {
    faults.push({ field: 'store.country_code', reason: 'FIELD_INVALID', description: 'is no country' });
  }
  return faults;
}

function required(path: string): Violation {
  return { field: `store.${path}`, reason: 'REQUIRED', description: 'is required' };
}

function throwAny(faults: readonly Violation[]): void {
  if (faults.length > 0) throw invalid('STORE_INVALID', 'The store breaks a rule.', faults);
}
