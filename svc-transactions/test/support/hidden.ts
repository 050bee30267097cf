import type { Requests } from '@malla/chassis/testing/existence';

/** Ids of what is not public, and of a store and a variant, which are. */
export interface HiddenIds {
  readonly [name: string]: string;
  readonly purchase: string;
  readonly payment: string;
  readonly method: string;
  readonly endpoint: string;
  readonly event: string;
  readonly account: string;
  readonly store: string;
  readonly variant: string;
}

const NO_ID = 'the request names nothing';
const OF_STORE = 'the request names a store, and GetStore of svc-stores shows to everybody that it exists';
const ONE_EURO = { currencyCode: 'EUR', amountMinor: '100' };

/** A request for each RPC by which a stranger could learn that something exists. */
export const HIDDEN: Requests<HiddenIds> = {
  'PurchasesService/QuotePurchase': 'the request names variants, of which svc-stores quotes what is public',
  'PurchasesService/CreatePurchase': ({ variant, method }) => ({
    lines: [{ variantId: variant, quantity: 1 }],
    paymentMethodId: method,
  }),
  'PurchasesService/GetPurchase': ({ purchase }) => ({ purchaseId: purchase }),
  'PurchasesService/ListPurchases': NO_ID,
  'PurchasesService/ListStorePurchases': OF_STORE,
  'PurchasesService/CancelPurchase': ({ purchase }) => ({ purchaseId: purchase }),
  'PurchasesService/RefundPurchase': ({ purchase, variant }) => ({
    purchaseId: purchase,
    lines: [{ variantId: variant, quantity: 1 }],
  }),
  'PurchasesService/GetPurchaseReceipt': ({ purchase }) => ({ purchaseId: purchase }),
  'PurchasesService/DownloadPurchaseReceipt': ({ purchase }) => ({ purchaseId: purchase }),
  'PurchasesService/WatchPurchase': ({ purchase }) => ({ purchaseId: purchase, resumeToken: '1' }),
  'PurchasesService/ListStuckPurchases': NO_ID,
  'PaymentsService/CreatePayment': ({ store, method }) => ({
    storeId: store,
    amount: ONE_EURO,
    captureMethod: 'CAPTURE_METHOD_AUTOMATIC',
    paymentMethodId: method,
  }),
  'PaymentsService/GetPayment': ({ payment }) => ({ paymentId: payment }),
  'PaymentsService/ListPayments': NO_ID,
  'PaymentsService/ListStorePayments': OF_STORE,
  'PaymentsService/ConfirmPayment': ({ payment, method }) => ({ paymentId: payment, paymentMethodId: method }),
  'PaymentsService/CapturePayment': ({ payment }) => ({ paymentId: payment, amount: ONE_EURO }),
  'PaymentsService/VoidPayment': ({ payment }) => ({ paymentId: payment }),
  'PaymentsService/RefundPayment': ({ payment }) => ({ paymentId: payment, amount: ONE_EURO }),
  'PaymentsService/ListRefunds': ({ payment }) => ({ paymentId: payment }),
  'PaymentMethodsService/AttachPaymentMethod': NO_ID,
  'PaymentMethodsService/ListPaymentMethods': NO_ID,
  'PaymentMethodsService/SetDefaultPaymentMethod': ({ method }) => ({ paymentMethodId: method }),
  'PaymentMethodsService/DetachPaymentMethod': ({ method }) => ({ paymentMethodId: method }),
  'ProvidersService/ReceiveProviderWebhook': 'only what the provider has signed is read',
  'WebhooksService/CreateWebhookEndpoint': OF_STORE,
  'WebhooksService/GetWebhookEndpoint': ({ endpoint }) => ({ webhookEndpointId: endpoint }),
  'WebhooksService/ListWebhookEndpoints': OF_STORE,
  'WebhooksService/UpdateWebhookEndpoint': ({ endpoint }) => ({
    webhookEndpoint: { webhookEndpointId: endpoint, url: 'https://1.1.1.1/', etag: 'v9' },
    updateMask: 'url',
  }),
  'WebhooksService/DeleteWebhookEndpoint': ({ endpoint }) => ({ webhookEndpointId: endpoint }),
  'WebhooksService/RotateWebhookSecret': ({ endpoint }) => ({ webhookEndpointId: endpoint }),
  'WebhooksService/TestWebhookEndpoint': ({ endpoint }) => ({ webhookEndpointId: endpoint }),
  'WebhooksService/ListWebhookDeliveries': ({ endpoint }) => ({ webhookEndpointId: endpoint }),
  'WebhooksService/GetWebhookDelivery': ({ endpoint, event }) => ({ webhookEndpointId: endpoint, eventId: event }),
  'WebhooksService/ReplayWebhookDelivery': ({ endpoint, event }) => ({ webhookEndpointId: endpoint, eventId: event }),
  'LedgerService/GetStoreBalances': OF_STORE,
  'LedgerService/GetStoreStatement': OF_STORE,
  'LedgerService/ListAccounts': NO_ID,
  'LedgerService/GetAccountStatement': ({ account }) => ({ accountId: account }),
  'LedgerService/VerifyLedger': NO_ID,
};
