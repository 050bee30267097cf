import assert from 'node:assert/strict';
import { DomainError } from '@malla/chassis/errors';
import { createLogger } from '@malla/chassis/logger';
import { createStripeProvider } from '../../../src/providers/stripe/provider.ts';
import { authorisation, captured, following } from '../../support/operations.ts';
import { type StripeHarness, startStripeHarness } from '../../support/provider-harness.ts';
import { newUserId } from '../../support/users.ts';

describe('What Stripe refuses', () => {
  let harness: StripeHarness;
  before(async () => {
    harness = await startStripeHarness();
  });
  after(() => harness.stop());

  it('is a decline, and the request that made no sense too', async () => {
    const { provider } = harness;
    const token = await harness.token('success');
    for (const [changes, declineCode] of [
      [{ amountMinor: 1n }, 'amount_too_small'],
      [{ token: 'cus_1/pm_nothing' }, 'resource_missing'],
      [{ token: 'tok_success' }, 'payment_method_unsupported'],
      [{ currencyCode: 'KWD', amountMinor: 5_124n }, 'amount_unsupported'],
    ] as const) {
      assert.deepEqual(await provider.perform(authorisation(token, changes)), { status: 'declined', declineCode });
    }
  });

  it('is a decline of what is more than there is, and of what was captured', async () => {
    const { provider } = harness;
    const authorise = authorisation(await harness.token('success'));
    const authorised = await provider.perform(authorise);
    const more = following(authorise, authorised, 'capture', { amountMinor: 10_001n });
    assert.deepEqual(await provider.perform(more), { status: 'declined', declineCode: 'amount_too_large' });
    await provider.perform(following(authorise, authorised, 'capture'));
    const release = await provider.perform(following(authorise, authorised, 'void'));
    const taken = { status: 'taken', amountMinor: 10_000n, reference: harness.stripe.account.intents[0]?.id };
    assert.deepEqual(release, taken);
    // Nobody captures for us what we do not know to be authorised.
    assert.deepEqual(await provider.look(authorise), taken);
  });

  it('is an alarm when it is our key, says nothing of the outcome, and shows no secret', async () => {
    const { url, webhookSecret } = harness.stripe;
    const lines: string[] = [];
    const log = createLogger('stripe', 'info', { write: (line) => void lines.push(line) });
    const options = { url, webhookSecret, returnUrl: 'https://shop.test', timeoutMs: 1_000, clock: harness.clock, log };
    const apiKey = 'sk_test_somebodyelses';
    const provider = createStripeProvider({ ...options, apiKey });
    await assert.rejects(provider.perform(authorisation('cus_1/pm_1')), /did not tell: StripeAuthenticationError/);
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { level: string; msg: string }).msg),
      ['Stripe refuses our key'],
    );
    assert.ok(!lines.join().includes(apiKey));
    await assert.rejects(provider.keep('pm_card_visa', newUserId(), []), isError('PROVIDER_UNAVAILABLE'));
  });

  it('keeps no card that the bank does not want kept', async () => {
    const call = harness.provider.keep('pm_card_chargeDeclined', newUserId(), []);
    await assert.rejects(call, isError('PAYMENT_METHOD_DECLINED'));
  });

  it("keeps all of a user's cards by one customer, and nobody else's", async () => {
    const { provider, stripe } = harness;
    const [userId, other] = [newUserId(), newUserId()];
    const first = await provider.keep('pm_card_visa', userId, []);
    const second = await provider.keep('pm_card_visa', userId, [first?.token ?? '']);
    const third = await provider.keep('pm_card_visa', userId, []);
    const [customer, paymentMethod] = first?.token.split('/') ?? [];
    assert.equal(second?.token.split('/')[0], customer);
    assert.equal(third?.token.split('/')[0], customer);
    assert.equal(await provider.keep(paymentMethod ?? '', other, []), undefined);
    // Again for the user, as after an answer that was lost.
    assert.equal((await provider.keep(paymentMethod ?? '', userId, []))?.token, first?.token);
    await provider.forget(first?.token ?? '');
    assert.equal(stripe.account.methods.get(paymentMethod ?? '')?.customer, null);
    await provider.forget(first?.token ?? '');
  });

  it('takes no answer for an answer that took too long', async () => {
    const { provider, stripe } = harness;
    stripe.fail('GET /v1/payment_methods/:id', 'slow');
    await assert.rejects(provider.keep('pm_card_visa', newUserId(), []), isError('PROVIDER_UNAVAILABLE'));
  });

  it('is a refund of what was paid back', async () => {
    const { provider } = harness;
    const { authorise, authorised } = await captured(provider, await harness.token('success'));
    const refund = (amountMinor: bigint) =>
      provider.perform(following(authorise, authorised, 'refund', { amountMinor }));
    assert.equal((await refund(10_000n)).status, 'succeeded');
    assert.deepEqual(await refund(1n), { status: 'declined', declineCode: 'charge_already_refunded' });
  });

  function isError(reason: string) {
    return (error: unknown) => error instanceof DomainError && error.reason === reason;
  }
});
