import { DomainError } from '@malla/chassis/errors';

/** A field that breaks a rule. */
export interface Violation {
  readonly field: string;
  readonly reason: string;
  readonly description: string;
}

/** A page of a list, and what the last of it is when there are more. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

export const PAGE_SIZE_DEFAULT = 20;

/** Cuts a page out of one item more than it may hold. */
export function toPage<Item>(found: readonly Item[], pageSize: number, idOf: (item: Item) => string): Page<Item> {
  const items = found.slice(0, pageSize);
  const last = items.at(-1);
  return { items, next: found.length > pageSize && last !== undefined ? idOf(last) : undefined };
}

/**
 * The entity tag of a resource (AIP-154).
 * @param flags what is shown of it besides and changes without its version, in an order that the version tells.
 */
export function etagOf({ version }: { readonly version: number }, flags: readonly boolean[] = []): string {
  const bits = flags.map(Number).join('');
  return bits === '' ? `v${version}` : `v${version}.${BigInt(`0b${bits}`).toString(16)}`;
}

/** Whether an entity tag is of the version that a resource has, whatever its flags were. */
export function isOfVersion(etag: string, resource: { readonly version: number }): boolean {
  return etag.replace(/\.[0-9a-f]+$/, '') === etagOf(resource);
}

/** A refusal that names fields. */
export function invalid(reason: string, message: string, fields: readonly Violation[]): DomainError {
  return new DomainError('invalid', reason, message, { fields });
}
