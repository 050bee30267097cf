import { ledgerFaults } from './audit/ledger.ts';
import { providerFaults } from './audit/provider.ts';
import { purchaseFaults } from './audit/purchases.ts';
import { receiptFaults } from './audit/receipts.ts';
import { stockFaults } from './audit/stock.ts';
import type { Databases } from './databases.ts';
import type { Market } from './market.ts';
import type { ProviderPayment } from './provider.ts';
import { readPayments, readPurchases, readUnitsBack } from './records.ts';

/** Whatever does not agree, in words: nothing, if all went well. */
export async function audit(
  databases: Databases,
  provider: ReadonlyMap<string, ProviderPayment>,
  market: Market,
): Promise<string[]> {
  const [purchases, payments] = [await readPurchases(databases), await readPayments(databases)];
  const unitsBack = await readUnitsBack(databases);
  return [
    ...purchaseFaults(purchases, payments, unitsBack, provider),
    ...providerFaults(payments, provider),
    ...(await stockFaults(databases, purchases, unitsBack, market)),
    ...(await ledgerFaults(databases, payments, market)),
    ...(await receiptFaults(databases)),
  ];
}
