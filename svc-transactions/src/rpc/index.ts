import { type Implementation, implement } from '@malla/chassis/implementation';
import { LedgerServiceService } from '@malla/proto/malla/transactions/v1/ledger_service';
import { PaymentMethodsServiceService } from '@malla/proto/malla/transactions/v1/payment_methods_service';
import { PaymentsServiceService } from '@malla/proto/malla/transactions/v1/payments_service';
import { ProvidersServiceService } from '@malla/proto/malla/transactions/v1/providers_service';
import { PurchasesServiceService } from '@malla/proto/malla/transactions/v1/purchases_service';
import { WebhooksServiceService } from '@malla/proto/malla/transactions/v1/webhooks_service';
import { attachPaymentMethodHandler } from './attach-payment-method.ts';
import { cancelPurchaseHandler } from './cancel-purchase.ts';
import { capturePaymentHandler } from './capture-payment.ts';
import { confirmPaymentHandler } from './confirm-payment.ts';
import { createPaymentHandler } from './create-payment.ts';
import { createPurchaseHandler } from './create-purchase.ts';
import { createWebhookEndpointHandler } from './create-webhook-endpoint.ts';
import { deleteWebhookEndpointHandler } from './delete-webhook-endpoint.ts';
import type { LedgerRpcDeps, PaymentRpcDeps, ReceiptRpcDeps, WebhookRpcDeps } from './deps.ts';
import { detachPaymentMethodHandler } from './detach-payment-method.ts';
import { downloadPurchaseReceiptHandler } from './download-purchase-receipt.ts';
import { getAccountStatementHandler } from './get-account-statement.ts';
import { getPaymentHandler } from './get-payment.ts';
import { getPurchaseHandler } from './get-purchase.ts';
import { getPurchaseReceiptHandler } from './get-purchase-receipt.ts';
import { getStoreBalancesHandler } from './get-store-balances.ts';
import { getStoreStatementHandler } from './get-store-statement.ts';
import { getWebhookDeliveryHandler } from './get-webhook-delivery.ts';
import { getWebhookEndpointHandler } from './get-webhook-endpoint.ts';
import { listAccountsHandler } from './list-accounts.ts';
import { listPaymentMethodsHandler } from './list-payment-methods.ts';
import { listPaymentsHandler } from './list-payments.ts';
import { listPurchasesHandler } from './list-purchases.ts';
import { listRefundsHandler } from './list-refunds.ts';
import { listStorePaymentsHandler } from './list-store-payments.ts';
import { listStorePurchasesHandler } from './list-store-purchases.ts';
import { listStuckPurchasesHandler } from './list-stuck-purchases.ts';
import { listWebhookDeliveriesHandler } from './list-webhook-deliveries.ts';
import { listWebhookEndpointsHandler } from './list-webhook-endpoints.ts';
import { quotePurchaseHandler } from './quote-purchase.ts';
import { receiveProviderWebhookHandler } from './receive-provider-webhook.ts';
import { refundPaymentHandler } from './refund-payment.ts';
import { refundPurchaseHandler } from './refund-purchase.ts';
import { replayWebhookDeliveryHandler } from './replay-webhook-delivery.ts';
import { rotateWebhookSecretHandler } from './rotate-webhook-secret.ts';
import { setDefaultPaymentMethodHandler } from './set-default-payment-method.ts';
import { testWebhookEndpointHandler } from './test-webhook-endpoint.ts';
import { updateWebhookEndpointHandler } from './update-webhook-endpoint.ts';
import { verifyLedgerHandler } from './verify-ledger.ts';
import { voidPaymentHandler } from './void-payment.ts';
import { watchPurchaseHandler } from './watch-purchase.ts';

/** The handlers of every service, one file each. None of them ever sees a card number: the chassis refuses it. */
export function transactionsServices(
  deps: LedgerRpcDeps & PaymentRpcDeps & ReceiptRpcDeps & WebhookRpcDeps,
): Implementation[] {
  return [
    implement(PurchasesServiceService, {
      quotePurchase: quotePurchaseHandler(deps),
      createPurchase: createPurchaseHandler(deps),
      getPurchase: getPurchaseHandler(deps),
      listPurchases: listPurchasesHandler(deps),
      listStorePurchases: listStorePurchasesHandler(deps),
      cancelPurchase: cancelPurchaseHandler(deps),
      refundPurchase: refundPurchaseHandler(deps),
      getPurchaseReceipt: getPurchaseReceiptHandler(deps),
      downloadPurchaseReceipt: downloadPurchaseReceiptHandler(deps),
      watchPurchase: watchPurchaseHandler(deps),
      listStuckPurchases: listStuckPurchasesHandler(deps),
    }),
    implement(PaymentsServiceService, {
      createPayment: createPaymentHandler(deps),
      getPayment: getPaymentHandler(deps),
      listPayments: listPaymentsHandler(deps),
      listStorePayments: listStorePaymentsHandler(deps),
      confirmPayment: confirmPaymentHandler(deps),
      capturePayment: capturePaymentHandler(deps),
      voidPayment: voidPaymentHandler(deps),
      refundPayment: refundPaymentHandler(deps),
      listRefunds: listRefundsHandler(deps),
    }),
    implement(PaymentMethodsServiceService, {
      attachPaymentMethod: attachPaymentMethodHandler(deps),
      listPaymentMethods: listPaymentMethodsHandler(deps),
      setDefaultPaymentMethod: setDefaultPaymentMethodHandler(deps),
      detachPaymentMethod: detachPaymentMethodHandler(deps),
    }),
    implement(ProvidersServiceService, {
      receiveProviderWebhook: receiveProviderWebhookHandler(deps),
    }),
    implement(WebhooksServiceService, {
      createWebhookEndpoint: createWebhookEndpointHandler(deps),
      getWebhookEndpoint: getWebhookEndpointHandler(deps),
      listWebhookEndpoints: listWebhookEndpointsHandler(deps),
      updateWebhookEndpoint: updateWebhookEndpointHandler(deps),
      deleteWebhookEndpoint: deleteWebhookEndpointHandler(deps),
      rotateWebhookSecret: rotateWebhookSecretHandler(deps),
      testWebhookEndpoint: testWebhookEndpointHandler(deps),
      listWebhookDeliveries: listWebhookDeliveriesHandler(deps),
      getWebhookDelivery: getWebhookDeliveryHandler(deps),
      replayWebhookDelivery: replayWebhookDeliveryHandler(deps),
    }),
    implement(LedgerServiceService, {
      getStoreBalances: getStoreBalancesHandler(deps),
      getStoreStatement: getStoreStatementHandler(deps),
      listAccounts: listAccountsHandler(deps),
      getAccountStatement: getAccountStatementHandler(deps),
      verifyLedger: verifyLedgerHandler(deps),
    }),
  ];
}
