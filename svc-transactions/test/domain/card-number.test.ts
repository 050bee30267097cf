import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { typeid } from 'typeid-js';
import { holdsCardNumber } from '../../src/domain/card-number.ts';

describe('holdsCardNumber', () => {
  for (const text of [
    '4242424242424242',
    'card 4242 4242 4242 4242, thanks',
    '12 4242-4242-4242-4242 7',
    '5555.5555.5555.4444',
    '4242–4242‑4242—4242',
    '4242\u200b4242\u00ad4242\ufeff4242',
    'x378282246310005y',
    '４２４２４２４２４２４２４２４２',
    '6304000000000000000',
  ]) {
    it(`sees one in ${text}`, () => assert.equal(holdsCardNumber(text), true));
  }

  for (const text of ['4242424242424241', '1234', 'order 2026-11-24', '42424242424242424242424242424242', '']) {
    it(`sees none in "${text}"`, () => assert.equal(holdsCardNumber(text), false));
  }

  it('sees none in ids', () => {
    for (let round = 0; round < 20_000; round += 1) {
      assert.equal(holdsCardNumber(`${randomUUID()} ${typeid('pay')}`), false);
    }
  });
});
