import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../src/domain/ids.ts';
import type { Operation, Outcome } from '../../src/domain/payments/provider.ts';
import { authorisation, captured, following } from '../support/operations.ts';
import { type ProviderHarness, startSandboxHarness, startStripeHarness } from '../support/provider-harness.ts';
import { newUserId } from '../support/users.ts';

const HARNESSES = { sandbox: startSandboxHarness, stripe: startStripeHarness };

for (const [name, start] of Object.entries(HARNESSES)) {
  describe(`The port PaymentProvider, by ${name}`, () => {
    let harness: ProviderHarness;
    before(async () => {
      harness = await start();
    });
    after(() => harness.stop());

    it('authorises and captures, tells the same when asked, and does neither twice', async () => {
      const { provider } = harness;
      const authorise = authorisation(await harness.token('success'));
      assert.equal(await provider.look(authorise), undefined);
      const outcome = await provider.perform(authorise);
      assert.equal(outcome.status, 'succeeded');
      assert.ok(outcome.status === 'succeeded' && outcome.expireTime.getTime() > Date.now() + 86_400_000);
      assert.deepEqual(await provider.perform(authorise), outcome);
      assert.deepEqual(await provider.look(authorise), outcome);
      const capture = following(authorise, outcome, 'capture');
      assert.equal(await provider.look(capture), undefined);
      for (let at = 0; at < 3; at += 1) assert.equal((await provider.perform(capture)).status, 'succeeded');
      assert.equal((await provider.look(capture))?.status, 'succeeded');
      await recorded(authorise, { captured: 10_000, refunded: 0 });
    });

    it('captures a part', async () => {
      const authorise = authorisation(await harness.token('success'));
      const outcome = await harness.provider.perform(authorise);
      await harness.provider.perform(following(authorise, outcome, 'capture', { amountMinor: 4_000n }));
      await recorded(authorise, { captured: 4_000, refunded: 0 });
    });

    for (const kind of ['void', 'expire'] as const) {
      it(`lets go by ${kind}, once and for all`, async () => {
        const { provider } = harness;
        const authorise = authorisation(await harness.token('success'));
        const outcome = await provider.perform(authorise);
        const release = following(authorise, outcome, kind);
        assert.equal((await provider.perform(release)).status, 'succeeded');
        assert.equal((await provider.perform(release)).status, 'succeeded');
        assert.equal((await provider.look(release))?.status, 'succeeded');
        const late = await provider.perform(following(authorise, outcome, 'capture'));
        assert.deepEqual(late, { status: 'declined', declineCode: 'authorisation_expired' });
        await recorded(authorise, { captured: 0, refunded: 0 });
      });
    }

    for (const code of ['insufficient_funds', 'expired_card'] as const) {
      it(`tells a decline by its code: ${code}`, async () => {
        const authorise = authorisation(await harness.token(code));
        const outcome: Outcome = { status: 'declined', declineCode: code };
        assert.deepEqual(await harness.provider.perform(authorise), outcome);
        assert.deepEqual(await harness.provider.look(authorise), outcome);
        await recorded(authorise, { captured: 0, refunded: 0 });
      });
    }

    it('tells a decline of what the provider cannot do, and not that its outcome is unknown', async () => {
      const authorise = authorisation(await harness.token('success'), { amountMinor: 0n });
      const outcome = await harness.provider.perform(authorise);
      assert.equal(outcome.status, 'declined');
    });

    for (const [answer, status] of [
      ['pass', 'succeeded'],
      ['fail', 'declined'],
    ] as const) {
      it(`wants a challenge, and tells when the user answers it: ${answer}`, async () => {
        const { provider } = harness;
        const authorise = authorisation(await harness.token('challenge'));
        const waiting = await provider.perform(authorise);
        assert.ok(waiting.status === 'action' && waiting.actionUrl.startsWith('http'));
        const reference = { ...authorise, reference: waiting.reference };
        assert.deepEqual(await provider.look(reference), waiting);
        await harness.answerChallenge(waiting.actionUrl, answer);
        const outcome = await provider.look(reference);
        assert.equal(outcome?.status, status);
        // Whoever died before it could write the reference down finds the same.
        assert.deepEqual(await provider.look(authorise), outcome);
      });
    }

    it('voids what waits for a challenge', async () => {
      const authorise = authorisation(await harness.token('challenge'));
      const waiting = await harness.provider.perform(authorise);
      assert.equal((await harness.provider.perform(following(authorise, waiting, 'void'))).status, 'succeeded');
    });

    it('throws when an answer is lost, tells what became of it, and does nothing twice', async () => {
      const { provider } = harness;
      const authorise = authorisation(await harness.token('answer_lost'));
      await assert.rejects(provider.perform(authorise));
      const outcome = await provider.look(authorise);
      assert.equal(outcome?.status, 'succeeded');
      assert.deepEqual(await provider.perform(authorise), outcome);
      for (const kind of ['capture', 'refund'] as const) {
        const operation = following(authorise, outcome as Outcome, kind);
        await assert.rejects(provider.perform(operation));
        assert.equal((await provider.look(operation))?.status, 'succeeded');
        assert.equal((await provider.perform(operation)).status, 'succeeded');
      }
      await recorded(authorise, { captured: 10_000, refunded: 10_000 });
    });

    it('pays back parts, each once, and never more than there is', async () => {
      const { provider } = harness;
      const { authorise, authorised } = await captured(provider, await harness.token('success'));
      const refund = (amountMinor: bigint) => following(authorise, authorised, 'refund', { amountMinor });
      const [first, second, third] = [refund(2_500n), refund(7_000n), refund(501n)];
      assert.equal(await provider.look(first), undefined);
      for (const one of [first, first, second, second]) assert.equal((await provider.perform(one)).status, 'succeeded');
      assert.equal((await provider.look(first))?.status, 'succeeded');
      assert.equal((await provider.perform(third)).status, 'declined');
      await recorded(authorise, { captured: 10_000, refunded: 9_500 });
    });

    it('keeps a token, says what may be shown of it, and knows no other', async () => {
      const { provider, freshToken } = harness;
      const userId = newUserId();
      const card = await provider.keep(freshToken, userId, []);
      assert.ok(card);
      assert.deepEqual([card.brand, card.last4], ['visa', '4242']);
      const outcomes = [
        await provider.perform(authorisation(card.token)),
        await provider.perform(authorisation(card.token)),
      ];
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['succeeded', 'succeeded'],
      );
      assert.equal(await provider.keep('tok_nothing', userId, []), undefined);
      assert.equal(await provider.keep('../v1/payment_methods', userId, []), undefined);
      await provider.forget(card.token);
      await provider.forget(card.token);
    });

    it('signs what it tells: nobody else does, nothing of it may change', async () => {
      const { provider } = harness;
      await captured(provider, await harness.token('success'));
      const { body, header } = await first();
      assert.ok(provider.verify(body, header));
      assert.equal(provider.verify(body, header), provider.verify(body, header));
      assert.equal(provider.verify(Buffer.concat([body, Buffer.from(' ')]), header), undefined);
      assert.equal(provider.verify(Buffer.alloc(0), header), undefined);
      assert.equal(
        provider.verify(body, () => ''),
        undefined,
      );
      assert.equal(
        provider.verify(body, (one) => header(one).replace(/.$/, (last) => (last === '1' ? '2' : '1'))),
        undefined,
      );
    });

    it('tells by notifications what it tells by answers', async () => {
      const { provider } = harness;
      const { authorise, authorised } = await captured(provider, await harness.token('success'));
      const capture = following(authorise, authorised, 'capture', { operationId: newId.operation() });
      const refund = following(authorise, authorised, 'refund', { amountMinor: 100n });
      await provider.perform(refund);
      if (name === 'stripe') {
        await until(() => tells(authorise, 'succeeded') && tells(capture, 'succeeded'));
      }
      await until(() => tells(refund, 'succeeded'));
    });

    async function recorded({ paymentId }: Operation, expected: { captured: number; refunded: number }) {
      const records = await harness.records(paymentId);
      assert.deepEqual(
        records.map(({ captured: charged, refunded }) => ({ captured: charged, refunded })),
        [expected],
      );
    }

    async function first() {
      await until(() => harness.told().length > 0);
      return harness.told()[0] as ReturnType<ProviderHarness['told']>[number];
    }

    async function until(isSo: () => boolean): Promise<void> {
      while (!isSo()) await sleep(20);
    }

    /** Whether some notification tells how an operation ended. */
    function tells(operation: Operation, status: Outcome['status']): boolean {
      return harness.told().some(({ body }) => {
        const told = harness.provider.read(body.toString());
        if (told.type === 'operation')
          return told.operationId === operation.operationId && told.outcome.status === status;
        if (told.type !== 'payment' || told.paymentId !== operation.paymentId) return false;
        return told.outcomeOf(operation)?.status === status;
      });
    }
  });
}
