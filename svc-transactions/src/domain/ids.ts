import { createHash } from 'node:crypto';
import { TypeID, typeid } from 'typeid-js';

const ID_BYTES = 16;

/** Makes ids: TypeIDs over UUIDv7, which sort by time. */
export const newId = {
  payment: () => typeid('pay').toString(),
  paymentMethod: () => typeid('pm').toString(),
  operation: () => typeid('op').toString(),
  refund: () => typeid('rfnd').toString(),
  purchase: () => typeid('pur').toString(),
  event: () => typeid('evt').toString(),
  webhookEndpoint: () => typeid('we').toString(),
  webhookSecret: () => typeid('whsec').toString(),
  reservation: () => typeid('res').toString(),
} as const;

/** An id that follows from what it stands for: whoever makes it again, on any replica and after any crash, makes the same. */
export function derivedId(prefix: string, parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  return TypeID.fromUUIDBytes(prefix, digest.subarray(0, ID_BYTES)).toString();
}

/**
 * The id of a transfer of a payment: the same whoever makes it. All transfers of one payment use the same rows of sharded
 * balances, and so lock them once.
 */
export function transferIdOf(paymentId: string, parts: readonly string[]): string {
  const digestOf = (texts: readonly string[]) => createHash('sha256').update(JSON.stringify(texts)).digest();
  const bytes = digestOf([paymentId, ...parts]).subarray(0, ID_BYTES);
  bytes[ID_BYTES - 1] = digestOf([paymentId])[0] ?? 0;
  return TypeID.fromUUIDBytes('xfer', bytes).toString();
}

/** When an id was made, as it says itself (UUIDv7). Not for ids that follow from something. */
export function timeOf(id: string): Date {
  return new Date(Number.parseInt(TypeID.fromString(id).toUUID().replaceAll('-', '').slice(0, 12), 16));
}

/** Whether a text is a TypeID with this prefix. */
export function isTypeId(text: string, prefix: string): boolean {
  try {
    TypeID.fromString(text, prefix);
    return true;
  } catch {
    return false;
  }
}
