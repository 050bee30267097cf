import type { IdempotencyOptions } from '@malla/chassis/idempotency';
import type { PageTokens } from '../crypto/page-tokens.ts';
import type { StoreLedgerDeps } from '../domain/ledger/statement.ts';
import type { VerifyLedger } from '../domain/ledger/verify.ts';
import type { ReceiveDeps } from '../domain/payments/notifications.ts';
import type { PaymentDeps } from '../domain/payments/ports.ts';
import type { StuckDeps } from '../domain/purchases/stuck.ts';
import type { WatchDeps } from '../domain/purchases/watch-purchase.ts';
import type { ReceiptPrinter } from '../domain/receipts/printer.ts';
import type { WebhookDeps } from '../domain/webhooks/ports.ts';

/** What the handlers of the ledger need. */
export interface LedgerRpcDeps extends StoreLedgerDeps {
  readonly verifyLedger: VerifyLedger;
  readonly pageTokens: PageTokens;
}

/** What the handlers of payments need. */
export interface PaymentRpcDeps extends PaymentDeps, ReceiveDeps {
  readonly pageTokens: PageTokens;
  readonly idempotency: IdempotencyOptions;
}

/** What the handlers of purchases need. */
export interface PurchaseRpcDeps extends WatchDeps, StuckDeps {
  readonly pageTokens: PageTokens;
  readonly idempotency: IdempotencyOptions;
}

/** What the handlers of receipts need. */
export interface ReceiptRpcDeps extends PurchaseRpcDeps {
  readonly receiptPrinter: ReceiptPrinter;
}

/** What the handlers of webhooks need. */
export interface WebhookRpcDeps extends WebhookDeps {
  readonly pageTokens: PageTokens;
  readonly idempotency: IdempotencyOptions;
}
