const TOKEN = /^(cus_\w{1,100})\/(pm_\w{1,100})$/;

/** A payment method that is kept: used again, it needs the customer that it is attached to. */
export interface StripeToken {
  readonly customer: string;
  readonly paymentMethod: string;
}

/** Our token of a kept payment method: `cus_.../pm_...`. */
export function writeToken({ customer, paymentMethod }: StripeToken): string {
  return `${customer}/${paymentMethod}`;
}

/** Reads a token; undefined for one of another provider. */
export function readToken(token: string): StripeToken | undefined {
  const [, customer, paymentMethod] = TOKEN.exec(token) ?? [];
  return customer && paymentMethod ? { customer, paymentMethod } : undefined;
}

/** Whether a text is the id of a payment method, as the browser gets it from Stripe. */
export function isPaymentMethodId(text: string): boolean {
  return /^pm_\w{1,100}$/.test(text);
}
