import type { ProviderPayment } from '../provider.ts';
import type { PaymentRecord, PurchaseRecord, UnitsBack } from '../records.ts';

/** Every purchase is final, and what was paid is what it costs, or nothing. */
export function purchaseFaults(
  purchases: readonly PurchaseRecord[],
  payments: readonly PaymentRecord[],
  unitsBack: readonly UnitsBack[],
  provider: ReadonlyMap<string, ProviderPayment>,
): string[] {
  const byId = new Map(payments.map((payment) => [payment.paymentId, payment]));
  const backOf = Map.groupBy(unitsBack, ({ paymentId }) => paymentId);
  return purchases.flatMap((purchase) => {
    const { paymentId } = purchase;
    const [payment, there] = [byId.get(paymentId), provider.get(paymentId)];
    const fault = payment
      ? (moneyFault(purchase, payment, there) ?? unitsFault(purchase, backOf.get(paymentId) ?? []))
      : 'no payment';
    return fault ? [`${fault}: ${JSON.stringify({ purchase, payment, there })}`] : [];
  });
}

function moneyFault({ state, totalMinor }: PurchaseRecord, payment: PaymentRecord, there: ProviderPayment | undefined) {
  if (state === 'captured') {
    const isPaid = payment.state === 'captured' && there?.captured === totalMinor;
    return isPaid ? undefined : 'sold and not paid';
  }
  if (state !== 'cancelled' && state !== 'failed') return 'not final';
  if (there && there.captured > there.refunded) return 'paid and not sold';
  return ['voided', 'failed', 'expired'].includes(payment.state) ? undefined : 'the money is not let go';
}

function unitsFault({ unitsBack }: PurchaseRecord, back: readonly UnitsBack[]) {
  const lines = back.flatMap((one) => one.lines);
  const isOff = Object.entries(unitsBack).some(([variantId, { quantity, pendingQuantity }]) => {
    const told = lines.filter((line) => line.variantId === variantId);
    return pendingQuantity !== 0 || quantity !== told.reduce((sum, line) => sum + line.quantity, 0);
  });
  return isOff ? 'other units went back' : undefined;
}
