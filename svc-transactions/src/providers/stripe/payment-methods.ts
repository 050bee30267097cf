import { DomainError } from '@malla/chassis/errors';
import type Stripe from 'stripe';
import type { KeptCard, PaymentProvider } from '../../domain/payments/provider.ts';
import { type createWatch, refusalOf, unavailable } from './errors.ts';
import { isPaymentMethodId, readToken, writeToken } from './tokens.ts';

type Watch = ReturnType<typeof createWatch>;

/**
 * Payment methods are kept by attaching them to a customer, one for each user: what is attached to none works once. Cards are
 * collected by Stripe in the browser, and come as ids.
 */
export function createPaymentMethodKeeper(stripe: Stripe, watch: Watch): Pick<PaymentProvider, 'keep' | 'forget'> {
  return {
    keep: async (token, userId, tokens) => {
      if (!isPaymentMethodId(token)) return undefined;
      const found = await watch(retrieve(stripe, token)).catch(unlessUnknown);
      if (!found?.card || !isFree(found, userId)) return undefined;
      const known = tokens.map(readToken).find(Boolean)?.customer;
      const customer = customerIdOf(found) ?? known ?? (await watch(createCustomer(stripe, userId)).catch(unavailable));
      const kept = customerIdOf(found) ? found : await watch(attach(stripe, token, customer)).catch(unlessDeclined);
      return cardOf(kept, customer);
    },
    forget: async (token) => {
      const known = readToken(token);
      if (!known) return;
      await watch(stripe.paymentMethods.detach(known.paymentMethod)).catch((error: unknown) => {
        // It is detached, or was never there.
        if (!refusalOf(error)) unavailable(error);
      });
    },
  };
}

function retrieve(stripe: Stripe, paymentMethod: string): Promise<Stripe.PaymentMethod> {
  return stripe.paymentMethods.retrieve(paymentMethod, { expand: ['customer'] });
}

function attach(stripe: Stripe, paymentMethod: string, customer: string): Promise<Stripe.PaymentMethod> {
  const idempotencyKey = `attach/${paymentMethod}/${customer}`;
  return stripe.paymentMethods.attach(paymentMethod, { customer }, { idempotencyKey });
}

async function createCustomer(stripe: Stripe, userId: string): Promise<string> {
  const metadata = { user_id: userId };
  return (await stripe.customers.create({ metadata }, { idempotencyKey: `customer/${userId}` })).id;
}

/** Nobody pays with what is attached to somebody else. */
function isFree({ customer }: Stripe.PaymentMethod, userId: string): boolean {
  if (customer === null) return true;
  return typeof customer === 'object' && !customer.deleted && customer.metadata.user_id === userId;
}

function customerIdOf({ customer }: Stripe.PaymentMethod): string | undefined {
  return typeof customer === 'string' ? customer : customer?.id;
}

function cardOf({ id: paymentMethod, card }: Stripe.PaymentMethod, customer: string): KeptCard | undefined {
  if (!card) return undefined;
  const { brand, last4, exp_month: expiryMonth, exp_year: expiryYear } = card;
  return { token: writeToken({ customer, paymentMethod }), brand, last4, expiryMonth, expiryYear };
}

function unlessUnknown(error: unknown): undefined {
  if (refusalOf(error)?.code !== 'resource_missing') unavailable(error);
}

/** Stripe asks the bank before it keeps a card. */
function unlessDeclined(error: unknown): never {
  const refusal = refusalOf(error);
  if (!refusal?.isOfCard) unavailable(error);
  const reason = 'PAYMENT_METHOD_DECLINED';
  const fields = [{ field: 'token', reason, description: 'is of a card that its bank declines' }];
  const metadata = { decline_code: refusal.code };
  throw new DomainError('precondition', reason, 'The bank declined the card.', { fields, metadata });
}
