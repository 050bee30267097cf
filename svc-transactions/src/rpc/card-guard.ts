import type { CallContext } from '@malla/chassis/context';
import { DomainError } from '@malla/chassis/errors';
import type { Implementation } from '@malla/chassis/implementation';
import { holdsCardNumber } from '../domain/card-number.ts';

/** A unary one, or one of a server stream: both take a request, and may throw at once. */
type Handler = (request: unknown, call: CallContext) => unknown;

/** Names are the proto's in errors. */
const toSnakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * Refuses requests that hold a card number in any text or number, and in the idempotency key, before anything else sees them.
 * @throws DomainError `invalid` (CARD_NUMBER_REFUSED), naming the field and not what it holds.
 */
export function refusingCardNumbers({ definition, handlers }: Implementation): Implementation {
  const guarded = Object.entries(handlers).map(([name, handler]) => {
    const guard: Handler = (request, call) => {
      const path = pathOfCardNumber(request, '');
      if (path !== undefined) throw refused(path);
      if (holdsCardNumber(call.metadata('idempotency-key') ?? '')) throw refused('idempotency_key');
      return (handler as Handler)(request, call);
    };
    return [name, guard];
  });
  return { definition, handlers: Object.fromEntries(guarded) };
}

/** Bytes are left alone: only a provider sends some, and signs them. */
function pathOfCardNumber(value: unknown, path: string): string | undefined {
  if (typeof value !== 'object') return holdsCardNumber(String(value)) ? path : undefined;
  if (value === null || value instanceof Uint8Array || value instanceof Date) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    // The name of an entry of a map is a client's too.
    if (holdsCardNumber(name)) return path;
    const step = Array.isArray(value) ? `${path}[${name}]` : `${path}${path && '.'}${toSnakeCase(name)}`;
    const found = pathOfCardNumber(inner, step);
    if (found !== undefined) return found;
  }
  return undefined;
}

function refused(field: string): DomainError {
  const fields = [{ field, reason: 'CARD_NUMBER_REFUSED', description: 'holds what looks like a card number' }];
  const message = 'Card numbers go to the provider and never to Malla.';
  return new DomainError('invalid', 'CARD_NUMBER_REFUSED', message, { fields });
}
