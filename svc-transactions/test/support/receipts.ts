import type { PurchaseLine } from '../../src/domain/purchases/purchase.ts';
import type { ReceiptView } from '../../src/domain/receipts/read-receipt.ts';

const BUSINESS = { legalName: 'Hats S.L.', postalAddress: 'Calle Mayor 1\n28013 Madrid', taxId: 'ESB12345678' };
const TIME = new Date('2026-12-31T23:59:59.999Z');
const IDS = { purchaseId: 'pur_01h2xcejqtf2nbrexx3vqjhp41', paymentId: 'pay_01h2xcejqtf2nbrexx3vqjhp41' };
const WHO = { userId: 'usr_01h2xcejqtf2nbrexx3vqjhp41', storeId: 'store_01h2xcejqtf2nbrexx3vqjhp41' };

/** The receipt of a purchase of one unit each of some products, in a currency. */
export function receiptOf(names: readonly string[], currencyCode = 'EUR', storeName = 'Hats'): ReceiptView {
  const lines = names.map((productName, at): PurchaseLine => {
    const product = { variantId: `var_${at}`, productId: 'prod', productName, optionValues: ['M'], sku: `HAT-${at}` };
    return {
      ...product,
      quantity: 1,
      unitPriceMinor: 1_000n,
      subtotalMinor: 1_000n,
      taxMinor: 190n,
      taxBasisPoints: 1_900,
    };
  });
  const count = BigInt(lines.length);
  const totalMinor = 1_190n * count;
  return {
    receipt: { purchaseId: IDS.purchaseId, year: 2026, number: 42, issueTime: TIME },
    purchase: {
      ...{ ...IDS, ...WHO, reservationId: 'res', storeName, currencyCode, lines },
      ...{ storeContact: { email: 'hats@shop.example', phone: '+34911234567', countryCode: 'ES', ...BUSINESS } },
      customer: { name: 'Ada Lovelace', email: 'ada@example.com' },
      ...{
        paidBy: { brand: 'visa', last4: '4242' },
        subtotalMinor: 1_000n * count,
        taxMinor: 190n * count,
        totalMinor,
      },
      ...{ state: 'captured', reason: '', version: 6, unitsBack: {} },
      ...{ expireTime: TIME, createTime: TIME, updateTime: TIME },
    },
    payment: {
      ...{ ...IDS, ...WHO, currencyCode, amountMinor: totalMinor, capturedMinor: totalMinor, refundedMinor: 0n },
      ...{ refundsPendingMinor: 0n, lostMinor: 0n, state: 'captured', outcomeUnknown: false, declineCode: '' },
      ...{ actionUrl: '', captureMethod: 'manual', paymentMethodId: '', description: '', providerReference: '' },
      ...{ authorisationExpireTime: null, createTime: TIME, updateTime: TIME },
    },
    refunds: [],
  };
}
