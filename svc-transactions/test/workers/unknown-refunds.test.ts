import assert from 'node:assert/strict';
import { createLogger } from '@malla/chassis/logger';
import { RefundState } from '@malla/proto/malla/transactions/v1/payment';
import { eventually } from '../support/purchases.ts';
import { assertSound, confirm, newPayment, openShop, settled } from '../support/shop.ts';
import { type StripeService, startStripeService } from '../support/stripe/service.ts';

describe('A refund whose outcome is not known', () => {
  let running: StripeService;
  const lines: { readonly msg: string; readonly kind?: string; readonly cause?: string }[] = [];
  before(async () => {
    const write = (line: string) => void lines.push(JSON.parse(line));
    running = await startStripeService(
      { log: createLogger('svc-transactions', 'info', { write }) },
      { METRICS_PORT: 0 },
    );
  });
  after(() => running.stop());

  it('is counted, apart from other operations, and the log says why it is not known', async () => {
    const { service, stripe } = running;
    const shop = await openShop(service);
    const challenged = await newPayment(service, shop, 'pm_card_authenticationRequired');
    await confirm(service, shop, challenged);
    const paymentId = await newPayment(service, shop, 'pm_card_visa');
    await confirm(service, shop, paymentId);
    await settled(service, shop, paymentId);
    stripe.isAway = true;
    const { refund } = await service.edge.payments.refundPayment(
      { paymentId, amount: undefined, reason: '' },
      shop.owner(),
    );
    assert.equal(refund?.state, RefundState.PENDING);
    const told = () => lines.find(({ msg }) => msg === 'the outcome of an operation is not known');
    await eventually(() => told() !== undefined, 'a line in the log');
    assert.equal(told()?.kind, 'refund');
    assert.match(JSON.stringify(told()), /ECONNRESET|UND_ERR_SOCKET/);

    const text = await (await fetch(`http://127.0.0.1:${service.metricsPort}/metrics`)).text();
    for (const [kind, count] of [
      ...([
        ['refund', 1],
        ['authorise', 0],
        ['capture', 0],
        ['void', 0],
        ['expire', 0],
      ] as const),
    ]) {
      assert.ok(text.includes(`malla_payments_outcome_unknown{kind="${kind}"} ${count}\n`), text);
    }
    stripe.isAway = false;
    assert.equal((await settled(service, shop, paymentId)).refunded?.amountMinor, 10_000n);
    await assertSound(service);
  });
});
