import { type DescField, getOption, ScalarType } from '@bufbuild/protobuf';
import { type FieldRules, field as fieldRules, Ignore } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';

/** The sizes that the rules of a field allow: what can be looked at before anything in it is. */
export interface FieldBounds {
  /** The most elements of a list or entries of a map; undefined where no rule says. */
  readonly itemsMax: number | undefined;
  /** The reason of a list or map with more. */
  readonly itemsReason: 'REPEATED_MAX_ITEMS' | 'MAP_MAX_PAIRS';
  /** The longest text of the field or of an element, in characters or else in bytes of UTF-8; undefined where no rule says. */
  readonly textMax: TextMax | undefined;
  /** Whether no rule holds in what the field has (`IGNORE_ALWAYS`). */
  readonly isIgnored: boolean;
}

/** A bound of a text. */
export interface TextMax {
  readonly max: number;
  readonly unit: 'character' | 'byte';
  readonly reason: 'STRING_MAX_LEN' | 'STRING_MAX_BYTES';
}

const known = new WeakMap<DescField, FieldBounds>();

/** The bounds of a field, by its `buf.validate` rules. */
export function boundsOf(field: DescField): FieldBounds {
  const before = known.get(field);
  if (before) return before;
  const rules = getOption(field, fieldRules);
  const inner = innerRules(rules);
  const isIgnored = isAlways(rules) || (inner !== undefined && isAlways(inner));
  const bounds: FieldBounds = {
    itemsMax: isAlways(rules) ? undefined : itemsMaxOf(rules),
    itemsReason: field.fieldKind === 'map' ? 'MAP_MAX_PAIRS' : 'REPEATED_MAX_ITEMS',
    textMax: isIgnored || !isText(field) ? undefined : textMaxOf(inner ?? rules),
    isIgnored,
  };
  known.set(field, bounds);
  return bounds;
}

/** Whether a text is surely longer than it may be, without counting its characters. Their exact number is the rule's own. */
export function isFarTooLong(text: string, { max }: TextMax): boolean {
  // A character has at most two units of UTF-16, and each unit at least one byte of UTF-8.
  return text.length > 2 * max;
}

function isText(field: DescField): boolean {
  return field.fieldKind !== 'message' && field.fieldKind !== 'enum' && field.scalar === ScalarType.STRING;
}

function isAlways({ ignore }: FieldRules): boolean {
  return ignore === Ignore.ALWAYS;
}

/** The rules of the elements of a list or of the values of a map. */
function innerRules({ type }: FieldRules): FieldRules | undefined {
  if (type.case === 'repeated') return type.value.items;
  return type.case === 'map' ? type.value.values : undefined;
}

function itemsMaxOf({ type }: FieldRules): number | undefined {
  if (type.case === 'repeated') return positive(type.value.maxItems);
  return type.case === 'map' ? positive(type.value.maxPairs) : undefined;
}

function textMaxOf({ type }: FieldRules): TextMax | undefined {
  if (type.case !== 'string') return undefined;
  const { len, maxLen, lenBytes, maxBytes } = type.value;
  const characters = positive(maxLen) ?? positive(len);
  if (characters !== undefined) return { max: characters, unit: 'character', reason: 'STRING_MAX_LEN' };
  const bytes = positive(maxBytes) ?? positive(lenBytes);
  return bytes === undefined ? undefined : { max: bytes, unit: 'byte', reason: 'STRING_MAX_BYTES' };
}

function positive(value: bigint): number | undefined {
  return value > 0n ? Number(value) : undefined;
}
