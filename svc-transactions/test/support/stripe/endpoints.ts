import type { Account } from './account.ts';
import { type Params, text, texts } from './form.ts';
import { type Answer, type Customer, type Intent, invalid, missing, newId, nowSeconds, ok, refused } from './shapes.ts';

const STATE = 'payment_intent_unexpected_state';

/** An endpoint of the API: `id` is the part of the path that varies. */
type Endpoint = (account: Account, params: Params, id: string, url: string) => Answer;

/** What is served, by method and path. */
export const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'POST /v1/customers': (account, params) => {
    const customer: Customer = { id: newId('cus'), object: 'customer', metadata: texts(params.metadata) };
    account.customers.set(customer.id, customer);
    return ok(customer);
  },
  'GET /v1/payment_methods/:id': (account, _params, id) => {
    const method = account.method(id);
    if (!method) return missing('PaymentMethod');
    return ok({ ...method, customer: method.customer && account.customers.get(method.customer) });
  },
  'POST /v1/payment_methods/:id/attach': (account, params, id) => {
    if (account.behaviour(id).cannotBeKept) return refused(402, { type: 'card_error', code: 'card_declined' });
    const method = account.attach(id, text(params.customer));
    return method ? ok({ ...method }) : missing('PaymentMethod');
  },
  'POST /v1/payment_methods/:id/detach': (account, _params, id) => {
    const method = account.methods.get(id);
    if (!method?.customer) return invalid('payment_method_not_attached');
    return ok({ ...Object.assign(method, { customer: null }) });
  },
  'POST /v1/payment_intents': (account, params, _id, url) => createIntent(account, params, url),
  'GET /v1/payment_intents': (account, params) => {
    const since = Number(text((params.created as Params | undefined)?.gte)) || 0;
    const own = account.intents.filter(({ customer, created }) => customer === params.customer && created >= since);
    return page(own, params, '/v1/payment_intents', (intent) => shown(account, intent, true));
  },
  'GET /v1/payment_intents/:id': (account, params, id) =>
    withIntent(account, id, (intent) => ok(shown(account, intent, params.expand !== undefined))),
  'POST /v1/payment_intents/:id/capture': (account, params, id) =>
    withIntent(account, id, (intent) => {
      if (intent.status !== 'requires_capture') return invalid(STATE);
      const amount = Number(params.amount_to_capture ?? intent.amount);
      if (amount > intent.amount_capturable) return invalid('amount_too_large', 'amount_to_capture');
      account.capture(intent, amount);
      return ok(shown(account, intent, false));
    }),
  'POST /v1/payment_intents/:id/cancel': (account, params, id) =>
    withIntent(account, id, (intent) => {
      if (intent.status === 'succeeded' || intent.status === 'canceled') return invalid(STATE);
      account.cancel(intent, text(params.cancellation_reason) || null);
      return ok(shown(account, intent, false));
    }),
  'POST /v1/refunds': (account, params) =>
    withIntent(account, text(params.payment_intent), (intent) => {
      const left = intent.amount_received - account.refundedOf(intent);
      const amount = Number(params.amount ?? left);
      if (left === 0) return invalid('charge_already_refunded');
      if (amount > left) return invalid('amount_too_large', 'amount');
      return ok({ ...account.refund(intent, amount, texts(params.metadata)) });
    }),
  'GET /v1/refunds': (account, params) => {
    const own = account.refunds.filter((refund) => refund.payment_intent === params.payment_intent);
    return page(own, params, '/v1/refunds', (refund) => ({ ...refund }));
  },
};

function createIntent(account: Account, params: Params, url: string): Answer {
  const [amount, method] = [Number(params.amount), account.methods.get(text(params.payment_method))];
  if (!method) return missing('PaymentMethod');
  if (method.customer !== params.customer) return invalid('payment_method_customer_mismatch', 'payment_method');
  if (amount < 50) return invalid('amount_too_small', 'amount');
  const id = newId('pi');
  const intent: Intent = {
    ...{ id, object: 'payment_intent', amount, amount_capturable: 0, amount_received: 0 },
    ...{ canceled_at: null, cancellation_reason: null, capture_method: 'manual', client_secret: `${id}_secret_1` },
    ...{ created: nowSeconds(), currency: text(params.currency), customer: text(params.customer), livemode: false },
    ...{ last_payment_error: null, latest_charge: null, metadata: texts(params.metadata), next_action: null },
    ...{ payment_method: method.id, payment_method_types: ['card'], status: 'requires_confirmation' },
  };
  account.intents.unshift(intent);
  const { code, declineCode, wantsAction, actionUrlPadding = 0 } = account.behaviourOf(intent);
  if (code || declineCode) {
    const error = account.decline(intent, code ?? 'card_declined', declineCode);
    return refused(402, { ...error, payment_intent: shown(account, intent, false) });
  }
  if (wantsAction) {
    const redirect = {
      url: `${url}/challenges/${'x'.repeat(actionUrlPadding)}${id}`,
      return_url: text(params.return_url),
    };
    const next_action = { type: 'redirect_to_url', redirect_to_url: redirect };
    Object.assign(intent, { status: 'requires_action', next_action });
  } else account.authorise(intent);
  return ok(shown(account, intent, params.expand !== undefined));
}

function withIntent(account: Account, id: string, work: (intent: Intent) => Answer): Answer {
  const intent = account.intents.find((one) => one.id === id);
  return intent ? work(intent) : missing('payment_intent');
}

/** An intent as it is now, its charge in full when that was asked for. */
function shown(account: Account, intent: Intent, isExpanded: boolean): object {
  const { latest_charge: charge } = intent;
  return structuredClone({ ...intent, latest_charge: isExpanded && charge ? account.charges.get(charge) : charge });
}

function page<Item extends { id: string }>(
  items: readonly Item[],
  { starting_after: after, limit = '10' }: Params,
  url: string,
  show: (item: Item) => object,
): Answer {
  const start = after === undefined ? 0 : items.findIndex(({ id }) => id === after) + 1;
  const data = items.slice(start, start + Number(limit)).map(show);
  return ok({ object: 'list', url, has_more: start + data.length < items.length, data });
}
