import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { holdsCardNumber } from '../src/card-number.ts';

describe('holdsCardNumber', () => {
  for (const text of [
    '4242424242424242',
    'card 4242 4242 4242 4242, thanks',
    '12 4242-4242-4242-4242 7',
    '5555.5555.5555.4444',
    '4242–4242‑4242—4242',
    '4242,4242,4242,4242',
    '4242|4242|4242|4242',
    '(4242) (4242) (4242) (4242)',
    '4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2',
    '4242\u200b4242\u00ad4242\ufeff4242',
    'x378282246310005y',
    '４２４２４２４２４２４２４２４２',
    '٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢',
    '४२४२-४२४२-४२४२-४२४२',
    '𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐',
    '2223003122003222',
    '30569309025904',
    '4222222222222',
    '6304000000000000000',
  ]) {
    it(`sees one in ${text}`, () => assert.equal(holdsCardNumber(text), true));
  }

  for (const text of [
    '4242424242424241',
    '1234',
    'order 2026-11-24 12:30:45.123456',
    '1,000,000,000,000,008',
    '42424242424242424242424242424242',
    '',
  ]) {
    it(`sees none in "${text}"`, () => assert.equal(holdsCardNumber(text), false));
  }

  it('sees none in ids', () => {
    for (let round = 0; round < 10_000; round += 1) {
      const id = `pay_${String(round).padStart(10, '0')}4242424242424242`;
      assert.equal(holdsCardNumber(`${randomUUID()} ${id}`), false);
    }
  });

  it('sees none in the number of an article, which may pass the same check', () => {
    for (const article of ['4006381000093', '9783161400025', '5012345000046']) {
      assert.equal(holdsCardNumber(`EAN ${article}`), false);
    }
  });

  it('takes time in proportion to the text', () => {
    const startedMs = performance.now();
    for (const part of ['4 ', 'a_', '1', 'abcdef0-', '٤']) holdsCardNumber(part.repeat(100_000));
    assert.ok(performance.now() - startedMs < 2_000);
  });
});
