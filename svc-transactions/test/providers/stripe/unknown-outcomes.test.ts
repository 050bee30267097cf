import assert from 'node:assert/strict';
import type { Operation, Outcome } from '../../../src/domain/payments/provider.ts';
import { authorisation, captured, following } from '../../support/operations.ts';
import { type StripeHarness, startStripeHarness } from '../../support/provider-harness.ts';
import { newId, nowSeconds } from '../../support/stripe/shapes.ts';

const CREATE = 'POST /v1/payment_intents';
const CAPTURE = 'POST /v1/payment_intents/:id/capture';
const REFUND = 'POST /v1/refunds';

describe('An outcome that Stripe does not tell', () => {
  let harness: StripeHarness;
  before(async () => {
    harness = await startStripeHarness();
  });
  after(() => harness.stop());

  it('is found by listing when whoever asked died before it knew the id, and the key is forgotten', async () => {
    const { provider, stripe } = harness;
    const authorise = authorisation(await harness.token('success'));
    stripe.fail(CREATE, 'answer-lost');
    await assert.rejects(provider.perform(authorise));
    stripe.forgetKeys();
    const outcome = await provider.look(authorise);
    assert.equal(outcome?.status, 'succeeded');
    assert.equal(made(authorise).length, 1);
  });

  it('is found past a hundred newer payments of the same user', async () => {
    const { provider, stripe } = harness;
    const authorise = authorisation(await harness.token('success'));
    stripe.fail(CREATE, 'answer-lost');
    await assert.rejects(provider.perform(authorise));
    const [oldest] = stripe.account.intents;
    assert.ok(oldest);
    const others = Array.from({ length: 250 }, () => ({ ...oldest, id: newId('pi'), metadata: {} }));
    stripe.account.intents.unshift(...others);
    assert.equal((await provider.look(authorise))?.status, 'succeeded');
  });

  it('is undefined when Stripe never heard of it, and then it is done once', async () => {
    const { provider, stripe } = harness;
    const authorise = authorisation(await harness.token('success'));
    stripe.fail(CREATE, 'request-lost');
    await assert.rejects(provider.perform(authorise));
    assert.equal(await provider.look(authorise), undefined);
    assert.equal((await provider.perform(authorise)).status, 'succeeded');
    assert.equal(made(authorise).length, 1);
  });

  for (const fault of ['failed', 'rate-limited', 'slow', 'answer-lost'] as const) {
    it(`is no decline, and is not asked for again by itself: ${fault}`, async () => {
      const { provider, stripe } = harness;
      const { authorise, authorised } = await authorisedPayment();
      const capture = following(authorise, authorised, 'capture');
      const before = requests(CAPTURE);
      stripe.fail(CAPTURE, fault);
      await assert.rejects(provider.perform(capture), /did not tell/);
      assert.equal(requests(CAPTURE) - before, 1);
      const isDone = fault === 'slow' || fault === 'answer-lost';
      assert.equal((await provider.look(capture))?.status, isDone ? 'succeeded' : undefined);
    });
  }

  it('stays unknown while Stripe keeps a failure for the key, and is done once that is forgotten', async () => {
    const { provider, stripe } = harness;
    const { authorise, authorised } = await authorisedPayment();
    const capture = following(authorise, authorised, 'capture');
    stripe.fail(CAPTURE, 'failed');
    await assert.rejects(provider.perform(capture), /did not tell/);
    await assert.rejects(provider.perform(capture), /did not tell/);
    stripe.forgetKeys();
    assert.equal((await provider.perform(capture)).status, 'succeeded');
  });

  it('is unknown when a key was used for something else', async () => {
    const { provider } = harness;
    const authorise = authorisation(await harness.token('success'));
    await provider.perform(authorise);
    await assert.rejects(provider.perform({ ...authorise, amountMinor: 1_000n }), /StripeIdempotencyError/);
  });

  it('is told when the capture was done before, and its key is forgotten', async () => {
    const { provider, stripe } = harness;
    const { authorise, authorised } = await authorisedPayment();
    const capture = following(authorise, authorised, 'capture');
    await provider.perform(capture);
    stripe.forgetKeys();
    assert.equal((await provider.perform(capture)).status, 'succeeded');
    const other = { ...capture, amountMinor: 5_000n };
    const taken = await provider.look(other);
    assert.ok(taken?.status === 'taken' && taken.amountMinor === 10_000n);
  });

  it('finds a refund among all of its payment, and waits for one that is on its way', async () => {
    const { provider, stripe } = harness;
    const kept = await provider.keep('pm_card_pendingRefund', 'usr_1', []);
    const { authorise, authorised } = await captured(provider, kept?.token ?? '');
    const refunds = Array.from({ length: 12 }, () => following(authorise, authorised, 'refund', { amountMinor: 100n }));
    for (const refund of refunds) await assert.rejects(provider.perform(refund), /does not know yet/);
    const [first] = refunds as [Operation];
    await assert.rejects(provider.look(first), /does not know yet/);
    const own = stripe.account.refunds.find(({ metadata }) => metadata.operation_id === first.operationId);
    assert.ok(own);
    stripe.account.endRefund(own, 'succeeded');
    stripe.forgetKeys();
    assert.equal((await provider.look(first))?.status, 'succeeded');
    stripe.account.endRefund(own, 'failed');
    assert.deepEqual(await provider.look(first), { status: 'declined', declineCode: 'lost_or_stolen_card' });
  });

  it('is no refund that Stripe refuses because of a limit', async () => {
    const { provider, stripe } = harness;
    const { authorise, authorised } = await captured(provider, await harness.token('success'));
    const refund = following(authorise, authorised, 'refund', { amountMinor: 100n });
    stripe.fail(REFUND, 'rate-limited');
    await assert.rejects(provider.perform(refund), /did not tell/);
    assert.equal(await provider.look(refund), undefined);
  });

  it('ends when nobody passes a challenge for 15 minutes: it is cancelled at Stripe', async () => {
    const { provider, clock } = harness;
    const authorise = authorisation(await harness.token('challenge'));
    const waiting = await provider.perform(authorise);
    assert.ok(waiting.status === 'action');
    const told = { ...authorise, reference: waiting.reference };
    clock.advance(14 * 60_000);
    assert.equal((await provider.look(told))?.status, 'action');
    clock.advance(61_000);
    assert.deepEqual(await provider.look(told), { status: 'declined', declineCode: 'challenge_expired' });
    assert.equal(made(authorise)[0]?.status, 'canceled');
    await assert.rejects(harness.answerChallenge(waiting.actionUrl, 'pass'));
  });

  it('ends what Stripe made and did not confirm: it is cancelled', async () => {
    const { provider, stripe } = harness;
    const authorise = authorisation(await harness.token('success'));
    stripe.fail(CREATE, 'answer-lost');
    await assert.rejects(provider.perform(authorise));
    Object.assign(made(authorise)[0] ?? {}, { status: 'requires_confirmation', created: nowSeconds() - 30 });
    assert.deepEqual(await provider.look(authorise), { status: 'declined', declineCode: 'challenge_expired' });
    assert.equal(made(authorise)[0]?.status, 'canceled');
  });

  async function authorisedPayment(): Promise<{ authorise: Operation; authorised: Outcome }> {
    const authorise = authorisation(await harness.token('success'));
    return { authorise, authorised: await harness.provider.perform(authorise) };
  }

  function made({ operationId }: Operation) {
    return harness.stripe.account.intents.filter(({ metadata }) => metadata.operation_id === operationId);
  }

  function requests(endpoint: string): number {
    return harness.stripe.requests.filter((one) => one === endpoint).length;
  }
});
