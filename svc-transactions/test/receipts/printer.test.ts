import assert from 'node:assert/strict';
import { DomainError } from '@malla/chassis/errors';
import { createReceiptPrinter } from '../../src/receipts/printer.ts';
import { pagesOf } from '../support/pdf.ts';
import { receiptOf } from '../support/receipts.ts';

describe('createReceiptPrinter', () => {
  const printer = createReceiptPrinter();
  after(() => printer.close());

  it('draws in a thread of its own, and goes on after somebody left', async () => {
    const left = new AbortController();
    const abandoned = printer.print(receiptOf(['Hat']), left.signal);
    left.abort();
    await assert.rejects(abandoned);
    const pdf = await printer.print(receiptOf(['Hat']), new AbortController().signal);
    assert.match((await pagesOf(pdf)).join(''), /Receipt 2026-000042/);
  });

  it('draws the same once, while it is asked for', async () => {
    const { signal } = new AbortController();
    const first = await printer.print(receiptOf(['Hat', 'Cap']), signal);
    assert.equal(await printer.print(receiptOf(['Hat', 'Cap']), signal), first);
    assert.notEqual(await printer.print(receiptOf(['Hat']), signal), first);
  });

  it('says at once when too many wait, and forgets those who leave', async () => {
    const left = new AbortController();
    const prints = Array.from({ length: 60 }, (_, at) => printer.print(receiptOf([`Hat ${at}`]), left.signal));
    const isBusy = (error: unknown) => error instanceof DomainError && error.reason === 'RECEIPTS_BUSY';
    await assert.rejects(Promise.race(prints), isBusy);
    left.abort();
    const outcomes = await Promise.allSettled(prints);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected' && isBusy(outcome.reason));
    assert.ok(refused.length >= 20 && refused.length < 60, `${refused.length} were refused`);
    await printer.print(receiptOf(['Scarf']), new AbortController().signal);
  });
});
