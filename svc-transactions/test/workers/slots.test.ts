import assert from 'node:assert/strict';
import { CaptureMethod, PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { type Gate, startGate } from '../support/gate.ts';
import { eventually } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, confirm, newPayment, openShop, type Shop } from '../support/shop.ts';

const AUTHORISATION_MS = 7 * 86_400_000;
const SLOTS = 2;

describe('Workers', () => {
  let gate: Gate;
  let service: TestService;
  before(async () => {
    gate = await startGate();
    service = await startTestService({ SANDBOX_URL: gate.url, PROVIDER_TIMEOUT_MS: 60_000, WORKER_SLOTS: SLOTS });
    gate.connect(service.sandbox.url);
  });
  after(async () => {
    await service.stop();
    gate.stop();
  });

  it('go on with other operations while one hangs, with so many at once and no more', async () => {
    const shop = await openShop(service);
    const hanging = await authorised(shop);
    const ids = [hanging, ...(await Promise.all([1, 2, 3].map(() => authorised(shop))))];
    gate.holdUp(({ reference }) => reference === hanging);
    // The authorisations are over, which only workers tell the provider.
    service.clock.advance(AUTHORISATION_MS + 1_000);
    await eventually(async () => (await expired(shop, ids)) === 3, 'the end of all but one');
    assert.equal(gate.held, 1);
    gate.releaseOne();
    await eventually(async () => (await expired(shop, ids)) === 4, 'the end of the last one');

    // Theirs are over as soon as they are there.
    gate.holdUp(({ kind }) => kind === 'void');
    const more: string[] = [];
    for (let at = 0; at < 3; at += 1) more.push(await authorised(shop));
    await eventually(() => gate.held >= SLOTS, 'as many as there are slots');
    for (let ended = 1; ended <= more.length; ended += 1) {
      assert.ok(gate.held <= SLOTS);
      gate.releaseOne();
      await eventually(async () => (await expired(shop, more)) === ended, 'the end of another one');
      await eventually(() => gate.held === Math.min(SLOTS, more.length - ended), 'the next one');
    }
    await assertSound(service);
  });

  async function authorised(shop: Shop): Promise<string> {
    const paymentId = await newPayment(service, shop, 'tok_success', CaptureMethod.MANUAL);
    await confirm(service, shop, paymentId);
    return paymentId;
  }

  async function expired(shop: Shop, paymentIds: readonly string[]): Promise<number> {
    const answers = await Promise.all(
      paymentIds.map((paymentId) => service.edge.payments.getPayment({ paymentId }, shop.customer())),
    );
    return answers.filter(({ payment }) => payment?.state === PaymentState.EXPIRED).length;
  }
});
