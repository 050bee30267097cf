import { TypeID, typeid } from 'typeid-js';

/** Makes the ids of this service: TypeIDs over UUIDv7, which sort by time. */
export const newId = {
  store: () => typeid('store').toString(),
  category: () => typeid('cat').toString(),
  product: () => typeid('prod').toString(),
  variant: () => typeid('var').toString(),
  stockEntry: () => typeid('adj').toString(),
  import: () => typeid('imp').toString(),
  sweep: () => typeid('sweep').toString(),
} as const;

/** Whether a text is a TypeID with this prefix. */
export function isTypeId(text: string, prefix: string): boolean {
  try {
    TypeID.fromString(text, prefix);
    return true;
  } catch {
    return false;
  }
}
