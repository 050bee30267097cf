import { DomainError } from '../lib/errors.ts';
import { holdsCardNumber } from './card-number.ts';

/**
 * Refuses a message that holds a card number in any text or number: no service keeps one, or writes one down. Bytes are left
 * alone: only a provider sends some, and signs them.
 * @param message of protobuf-es.
 * @throws DomainError `invalid` (CARD_NUMBER_REFUSED), naming the field and not what it holds.
 */
export function refuseCardNumbers(message: object): void {
  const path = pathToCardNumber(message);
  if (path) throw cardNumberRefused(toField(path));
}

/** A refusal of a card number. @param field where it is. */
export function cardNumberRefused(field: string): DomainError {
  const fields = [{ field, reason: 'CARD_NUMBER_REFUSED', description: 'holds what looks like a card number' }];
  const message = 'Card numbers go to the payment provider and never to Malla.';
  return new DomainError('invalid', 'CARD_NUMBER_REFUSED', message, { fields });
}

/** @returns the names of the fields that lead to one, the outermost last; undefined for none. */
function pathToCardNumber(value: unknown): string[] | undefined {
  if (typeof value === 'number' && !Number.isInteger(value)) return undefined;
  if (typeof value !== 'object') return holdsCardNumber(String(value)) ? [] : undefined;
  if (value === null || value instanceof Uint8Array) return undefined;
  for (const [key, held] of Object.entries(value)) {
    const [name, inner] = chosen(key, held);
    // The name of an entry of a map is a client's too.
    if (holdsCardNumber(name)) return [];
    const path = pathToCardNumber(inner);
    if (path) return [...path, Array.isArray(value) ? `[${name}]` : name];
  }
  return undefined;
}

/** protobuf-es has what is chosen of a oneof in an object of its own. */
function chosen(name: string, value: unknown): [name: string, value: unknown] {
  const isOneof = typeof value === 'object' && value !== null && 'case' in value && !('$typeName' in value);
  return isOneof && 'value' in value ? [String(value.case), value.value] : [name, value];
}

/** The path as errors have it: names are the proto's. */
function toField(path: string[]): string {
  const names = path.toReversed().map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  return names.join('.').replaceAll('.[', '[');
}
