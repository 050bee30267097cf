const STATES = ['created', 'reserved', 'authorised', 'confirmed', 'cancelling', 'returning'] as const;
const OPERATIONS = ['authorise', 'capture', 'void', 'expire', 'refund'] as const;
const REQUESTS = ['create-purchase', 'refund-purchase', 'create-payment', 'change-payment', 'refund-payment'] as const;

/**
 * The steps of everything that moves money or stock: before and after everything that others are asked for, and after every
 * commit. What was done and what was written down differ between two of them, so they are where a process may die worst. Tests
 * kill one at each.
 */
export const STEPS = [
  'create-purchase.quoted',
  'create-purchase.written',
  'cancel-purchase.written',
  ...each(REQUESTS, ['to-be-answered', 'answered']),
  // What a purchase asks for in a state is about to be asked for, was told, and the state it leads to is committed.
  ...each(STATES, ['begins', 'done', 'left']),
  'cancelling.released',
  'purchase.taken',
  'purchase.waits',
  // An operation is committed, the provider has told its outcome, that is committed.
  ...each(OPERATIONS, ['begun', 'told', 'settled']),
  'operation.taken',
  'operation.put-off',
  'restock.taken',
  'restock.done',
  'notification.stored',
  'notification.acted-upon',
] as const;

export type Step = (typeof STEPS)[number];

/** Is told of each step that is reached. Nobody listens but tests. */
export type Reached = (step: Step) => void;

function each<Subject extends string, Part extends string>(
  subjects: readonly Subject[],
  parts: readonly Part[],
): `${Subject}.${Part}`[] {
  return subjects.flatMap((subject) => parts.map((part) => `${subject}.${part}` as const));
}
