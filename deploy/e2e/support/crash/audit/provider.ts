import type { ProviderPayment } from '../provider.ts';
import type { PaymentRecord } from '../records.ts';

/** What becomes of all that was captured by these. */
const DISPUTED: Readonly<Record<string, 'lostMinor' | 'disputedMinor'>> = {
  tok_dispute_lost: 'lostMinor',
  tok_dispute_opened: 'disputedMinor',
};
/** How the provider may call what a payment has come to; `created` is nothing that it knows. */
const ENDS: Readonly<Record<string, readonly (string | undefined)[]>> = {
  created: [undefined],
  captured: ['captured'],
  // One that was never confirmed is unknown to the provider, one whose challenge failed at that moment is declined there.
  voided: ['voided', 'declined', undefined],
  expired: ['voided'],
  failed: ['declined'],
};

/** What the provider did is what svc-transactions knows of, to the unit; and it holds nothing that nobody waits for. */
export function providerFaults(
  payments: readonly PaymentRecord[],
  provider: ReadonlyMap<string, ProviderPayment>,
): string[] {
  const known = new Set(payments.map(({ paymentId }) => paymentId));
  const strangers = [...provider.keys()].filter((reference) => !known.has(reference));
  const differing = payments.flatMap((payment) => {
    const there = provider.get(payment.paymentId);
    return isSame(payment, there) ? [] : [`the provider has it otherwise: ${JSON.stringify({ payment, there })}`];
  });
  return [...strangers.map((reference) => `unknown to svc-transactions: ${reference}`), ...differing];
}

function isSame(payment: PaymentRecord, there: ProviderPayment | undefined): boolean {
  const { state, capturedMinor, refundedMinor, refundsPendingMinor, lostMinor, disputedMinor } = payment;
  if (!ENDS[state]?.includes(there?.status)) return false;
  const isMoved = capturedMinor === (there?.captured ?? 0) && refundedMinor === (there?.refunded ?? 0);
  const dispute = DISPUTED[there?.token ?? ''];
  const isDisputed = dispute === undefined ? lostMinor + disputedMinor === 0 : payment[dispute] === capturedMinor;
  return isMoved && isDisputed && refundsPendingMinor === 0;
}
