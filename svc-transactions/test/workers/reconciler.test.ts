import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '@malla/chassis/logger';
import { PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { assertSound, confirm, newPayment, openShop, settled } from '../support/shop.ts';
import { type StripeService, startStripeService } from '../support/stripe/service.ts';

const TRIES = 13;
const ALARM_FROM = 10;
const BACKOFF_MS = { min: 1_000, max: 300_000 };
/** Real time that may pass between two looks at the clock. */
const TOLERANCE_MS = 5_000;

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly paymentId?: string;
}

describe('The worker that asks what became of operations', function () {
  this.timeout(120_000);
  let running: StripeService;
  const lines: Line[] = [];
  before(async () => {
    const log = createLogger('svc-transactions', 'info', {
      write: (line) => void lines.push(JSON.parse(line) as Line),
    });
    running = await startStripeService({ log });
  });
  after(() => running.stop());

  it('asks ever more seldom, tells people from the tenth try on, and goes on until it knows', async () => {
    const { service, stripe } = running;
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'pm_card_visa');
    stripe.isAway = true;
    const payment = await confirm(service, shop, paymentId);
    assert.deepEqual([payment.state, payment.outcomeUnknown], [PaymentState.PENDING, true]);
    for (let tries = 1; tries < TRIES; tries += 1) {
      const { waitMs } = await afterTry(tries);
      const most = Math.min(BACKOFF_MS.max, BACKOFF_MS.min * 2 ** (tries - 1));
      assert.ok(waitMs <= most && waitMs >= most * 0.8 - TOLERANCE_MS, `${waitMs} ms after try ${tries}, not ${most}`);
      service.clock.advance(Math.max(0, waitMs));
    }
    await afterTry(TRIES);
    const told = lines.filter(({ msg }) => msg === 'the outcome of an operation is not known');
    assert.deepEqual(
      told.map(({ level }) => level),
      // Warnings of one kind are logged once a minute; alarms are always logged.
      ['warn', ...Array.from({ length: TRIES + 1 - ALARM_FROM }, () => 'error')],
    );
    assert.ok(told.every((line) => line.paymentId === paymentId));
    stripe.isAway = false;
    service.clock.advance(BACKOFF_MS.max);
    assert.equal((await settled(service, shop, paymentId)).state, PaymentState.CAPTURED);
    assert.equal(running.intentOf(paymentId).amount_received, 10_000);
    await assertSound(service);
  });

  /** Waits for the try of that number. @returns how long the next one is away, by the clock of the test. */
  async function afterTry(tries: number): Promise<{ waitMs: number }> {
    const sql = `SELECT CAST(UNIX_TIMESTAMP(next_try_time) * 1000 AS DOUBLE) AS next_ms FROM provider_operations
      WHERE next_try_time IS NOT NULL AND attempts = ?`;
    for (;;) {
      const [row] = await running.service.sql<{ next_ms: number }>(sql, [tries]);
      if (row) return { waitMs: row.next_ms - running.service.clock.now().getTime() };
      await sleep(20);
    }
  }
});
