import type { PurchaseOfPayment } from '../payments/ports.ts';
import { type ChangeDeps, saveChange } from './change.ts';
import type { PurchaseDeps } from './ports.ts';
import { isGivenUp, type Purchase, requireCaptured } from './purchase.ts';
import { returnUnits, settleUnits } from './units-back.ts';

/** Purchases follow what becomes of their payments, whoever began it: a refund of either, or a dispute. */
export function createPurchaseOfPayment(deps: ChangeDeps & Pick<PurchaseDeps, 'payments'>): PurchaseOfPayment {
  const lock = async (purchaseId: string): Promise<Purchase> => {
    const purchase = await deps.purchases.lock(purchaseId);
    if (!purchase) throw new Error('a payment has no purchase');
    return purchase;
  };
  return {
    lock: async ({ purchaseId, state }) => {
      if (purchaseId === '') return;
      const purchase = await lock(purchaseId);
      // Money that was taken past Malla goes back, though nothing was bought.
      if (state !== 'captured' || !isGivenUp(purchase)) requireCaptured(purchase);
    },
    wake: async (paymentId) => {
      const payment = await deps.payments.read(paymentId);
      if (payment?.purchaseId) await deps.purchases.wake(payment.purchaseId, deps.clock.now());
    },
    refundEnded: async (payment, { lines, state }) => {
      if (payment.purchaseId === '') return;
      const purchase = await lock(payment.purchaseId);
      if (isGivenUp(purchase)) return;
      const unitsBack = settleUnits(purchase, lines, state === 'succeeded');
      const settled = { ...purchase, unitsBack, updateTime: deps.clock.now() };
      if (state === 'succeeded') await saveChange(settled, null, deps, payment);
      else await deps.purchases.save(settled, null);
    },
    refundReturned: async (payment, { lines, restock }) => {
      if (payment.purchaseId === '') return;
      const purchase = await lock(payment.purchaseId);
      if (isGivenUp(purchase)) return;
      // What is in stock again cannot come back a second time: its money can, by an amount.
      const unitsBack = restock === 'none' ? returnUnits(purchase, lines) : purchase.unitsBack;
      await saveChange({ ...purchase, unitsBack, updateTime: deps.clock.now() }, null, deps, payment);
    },
    disputeLost: async (payment) => {
      if (payment.purchaseId === '') return;
      const purchase = await lock(payment.purchaseId);
      if (isGivenUp(purchase)) return;
      await saveChange({ ...purchase, updateTime: deps.clock.now() }, null, deps, payment);
    },
  };
}
