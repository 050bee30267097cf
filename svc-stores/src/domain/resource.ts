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

/** The entity tag of a resource (AIP-154). */
export function etagOf({ version }: { readonly version: number }): string {
  return `v${version}`;
}

/** A refusal that names fields. */
export function invalid(reason: string, message: string, fields: readonly Violation[]): DomainError {
  return new DomainError('invalid', reason, message, { fields });
}

/** Which fields of a resource a client may change, and which it may send back as it read them (AIP-203). */
export interface MaskRules<Fields> {
  /** By their names in the proto. */
  readonly fields: Readonly<Record<string, keyof Fields>>;
  readonly outputOnly: ReadonlySet<string>;
  /** Fields that are chosen once: sending the value that is there is no fault. */
  readonly immutable: ReadonlySet<string>;
}

/**
 * The fields that an update mask names (AIP-134): all that have a value when it is empty, all for `*`.
 * @returns their names in the proto; immutable fields among them when they were named.
 * @throws DomainError `invalid` (UPDATE_MASK_INVALID) for a name that is no field.
 */
export function expandMask<Fields>(mask: readonly string[], values: Fields, rules: MaskRules<Fields>): string[] {
  const all = Object.entries(rules.fields);
  if (mask.includes('*')) return all.map(([path]) => path);
  if (mask.length === 0) return all.filter(([, name]) => hasValue(values[name])).map(([path]) => path);
  const isKnown = (path: string) =>
    Object.hasOwn(rules.fields, path) || rules.outputOnly.has(path) || rules.immutable.has(path);
  const unknown = mask.filter((path) => !isKnown(path));
  if (unknown.length === 0) return mask.filter((path) => !rules.outputOnly.has(path));
  throw invalid(
    'UPDATE_MASK_INVALID',
    'The update mask names a field that does not exist.',
    unknown.map((path) => ({ field: 'update_mask', reason: 'FIELD_UNKNOWN', description: `${path} is no field` })),
  );
}

/** The values of the fields that a mask names. */
export function maskedValues<Fields extends object>(
  paths: readonly string[],
  values: Fields,
  { fields }: MaskRules<Fields>,
): Partial<Fields> {
  const names = Object.entries(fields).filter(([path]) => paths.includes(path));
  return Object.fromEntries(names.map(([, name]) => [name, values[name]])) as Partial<Fields>;
}

function hasValue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== '' && value !== undefined && value !== null;
}
