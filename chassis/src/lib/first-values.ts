import type { DescField, DescMessage, Message } from '@bufbuild/protobuf';

/** The first part of a large message. */
export interface FirstValues {
  readonly message: Message;
  /** The paths of the lists and maps that have less in it than in the whole, as the steps to them. */
  readonly cut: readonly (readonly string[])[];
}

interface Budget {
  left: number;
  readonly cut: string[][];
}

type Members = Record<string, unknown>;

/**
 * Takes the first elements and entries of a message, in the order of its fields, up to `itemsMax` in all. What is shared with
 * the whole is not copied.
 */
export function firstValues(type: DescMessage, message: Message, itemsMax: number): FirstValues {
  const budget: Budget = { left: itemsMax, cut: [] };
  return { message: firstOf(type, message, [], budget), cut: budget.cut };
}

function firstOf(type: DescMessage, message: Message, path: readonly string[], budget: Budget): Message {
  const copy = Object.assign(Object.create(Object.getPrototypeOf(message)), message) as Message & Members;
  for (const field of type.fields) {
    if (field.fieldKind !== 'list' && field.fieldKind !== 'map' && field.fieldKind !== 'message') continue;
    const { holder, name } = placeOf(copy, field);
    const value = holder?.[name];
    if (holder && value !== undefined) holder[name] = firstOfField(field, value, [...path, field.name], budget);
  }
  return copy;
}

/** Where a message has a field: a member of a oneof is in an object of its own, which is copied. */
function placeOf(copy: Members, field: DescField): { readonly holder: Members | undefined; readonly name: string } {
  if (!field.oneof) return { holder: copy, name: field.localName };
  const chosen = copy[field.oneof.localName] as Members | undefined;
  if (chosen?.case !== field.localName) return { holder: undefined, name: 'value' };
  const holder = { ...chosen };
  copy[field.oneof.localName] = holder;
  return { holder, name: 'value' };
}

function firstOfField(field: DescField, value: unknown, path: string[], budget: Budget): unknown {
  if (Array.isArray(value)) return firstOfList(field, value, path, budget);
  if (field.fieldKind === 'map') {
    const entries = Object.entries(value as Members);
    return Object.fromEntries(firstOfList(field, entries, path, budget) as [string, unknown][]);
  }
  return field.message && isMessage(value) ? firstOf(field.message, value, path, budget) : value;
}

function firstOfList(field: DescField, items: readonly unknown[], path: string[], budget: Budget): unknown[] {
  const kept = items.slice(0, Math.max(0, budget.left));
  budget.left -= kept.length;
  if (kept.length < items.length) budget.cut.push(path);
  const { message } = field;
  if (!message || field.fieldKind !== 'list') return kept;
  return kept.map((item, index) => (isMessage(item) ? firstOf(message, item, [...path, String(index)], budget) : item));
}

/** A message of a well-known type may be plain JSON instead. */
function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && '$typeName' in value;
}
