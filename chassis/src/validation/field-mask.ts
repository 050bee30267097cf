import { DomainError } from '../lib/errors.ts';

/** Which fields of a resource a client may change, and which it may send back as it read them (AIP-203). */
export interface MaskRules<Fields> {
  /** Fields that may be changed, by their names in the proto. */
  readonly fields: Readonly<Record<string, keyof Fields>>;
  /** Fields that are ignored. */
  readonly outputOnly: ReadonlySet<string>;
  /** Fields that are chosen once: sending the value that is there is no fault. Default: none. */
  readonly immutable?: ReadonlySet<string>;
}

/**
 * The fields that an update mask names (AIP-134): all that have a value when it is empty, all for `*`.
 * @returns their names in the proto; immutable fields among them when they were named.
 * @throws DomainError `invalid` (UPDATE_MASK_INVALID) for a name that is no field.
 */
export function expandMask<Fields>(mask: readonly string[], values: Fields, rules: MaskRules<Fields>): string[] {
  const { fields, outputOnly, immutable } = rules;
  const isKnown = (path: string) =>
    path === '*' || Object.hasOwn(fields, path) || outputOnly.has(path) || immutable?.has(path);
  const unknown = mask.filter((path) => !isKnown(path));
  if (unknown.length > 0) throw maskInvalid(unknown);
  const all = Object.entries(fields);
  if (mask.includes('*')) return all.map(([path]) => path);
  if (mask.length === 0) return all.filter(([, name]) => hasValue(values[name])).map(([path]) => path);
  return mask.filter((path) => !outputOnly.has(path));
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

function maskInvalid(unknown: readonly string[]): DomainError {
  const fields = unknown.map((path) => ({
    field: 'update_mask',
    reason: 'FIELD_UNKNOWN',
    description: `${path} is no field that is there`,
  }));
  const message = 'The update mask names a field that does not exist.';
  return new DomainError('invalid', 'UPDATE_MASK_INVALID', message, { fields });
}
