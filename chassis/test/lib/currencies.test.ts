import assert from 'node:assert/strict';
import { currentCurrencies, isCurrentCurrency, minorDigitsOf } from '../../src/lib/currencies.ts';

/** What the runtime knows and ISO 4217 has ended, or what is no money. */
const NOT_CURRENT = ['ANG', 'BGN', 'CUC', 'HRK', 'SLL', 'XDR', 'XSU', 'ZWL'];

describe('The list of currencies', () => {
  it('has what people pay with now, each once', () => {
    const codes = currentCurrencies();
    assert.equal(new Set(codes).size, codes.length);
    assert.equal(codes.length, 155);
    for (const code of ['EUR', 'XCG', 'ZWG', 'SLE', 'VED', 'XOF']) assert.ok(isCurrentCurrency(code), code);
  });

  it('has all that the runtime knows, but for what has ended and what is no money', () => {
    const known = Intl.supportedValuesOf('currency');
    assert.deepEqual(
      known.filter((code) => !isCurrentCurrency(code)).filter((code) => !NOT_CURRENT.includes(code)),
      [],
    );
  });

  it('has no funds, no metals, nothing for tests, nothing that has ended, and nothing that an object has', () => {
    const none = [
      'XXX',
      'XTS',
      'XAU',
      'XAG',
      'XPT',
      'XPD',
      'XDR',
      'XBA',
      'XUA',
      'XAD',
      'CHE',
      'CHW',
      'CLF',
      'COU',
      'MXV',
      'USN',
      'UYI',
      'UYW',
      'BOV',
    ];
    for (const code of [...none, ...NOT_CURRENT, 'eur', '', 'constructor', '__proto__'])
      assert.ok(!isCurrentCurrency(code), code);
  });

  it('knows the minor units of current and of ended money', () => {
    const digits = {
      EUR: 2,
      JPY: 0,
      KWD: 3,
      HUF: 2,
      ISK: 0,
      UGX: 0,
      MGA: 2,
      XCG: 2,
      HRK: 2,
      BGN: 2,
      ITL: 0,
      constructor: 2,
    };
    for (const [code, expected] of Object.entries(digits)) assert.equal(minorDigitsOf(code), expected, code);
  });
});
