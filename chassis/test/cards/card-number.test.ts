import assert from 'node:assert/strict';
import { holdsCardNumber } from '../../src/cards/card-number.ts';

/** Test numbers that schemes and providers publish, as they stand on cards. */
const CARDS: Record<string, readonly string[]> = {
  Visa: [
    '4242 4242 4242 4242',
    '4111 1111 1111 1111',
    '4012 8888 8888 1881',
    '4000 0000 0000 0002',
    '4444 3333 2222 1111',
  ],
  'Visa of 19 digits': ['4000 0000 0000 0000 006'],
  Mastercard: ['5555 5555 5555 4444', '5105 1051 0510 5100', '5200 8282 8282 8210', '2223 0031 2200 3222'],
  'American Express': ['3782 822463 10005', '3714 496353 98431', '3400 000000 00009'],
  Discover: ['6011 1111 1111 1117', '6011 0009 9013 9424', '6445 6445 6445 6445', '6500 0000 0000 0002'],
  JCB: ['3566 0020 2036 0505', '3530 1113 3330 0000'],
  'Diners Club': ['3056 930902 5904', '3622 720627 1667', '3852 000002 3237', '3056 9300 0902 0004'],
  UnionPay: ['6200 0000 0000 0005', '6212 3456 7890 0000 3', '6212 3456 7890 0000 02', '6205 5000 0000 0000 004'],
  Maestro: ['6759 6498 2643 8453', '5000 0000 0000 0009', '6304 0000 0000 0000 000'],
  Mir: ['2200 0000 0000 0004'],
  RuPay: ['8100 0000 0000 0002', '8200 0000 0000 0001'],
  NAPAS: ['9704 0000 0000 0018'],
};
const ALL = Object.values(CARDS).flat();
const SEPARATORS = [
  ...[
    '',
    ' ',
    '  ',
    '\t',
    '\n',
    '\r\n',
    '\u00a0',
    '\u3000',
    '-',
    ' - ',
    '--',
    '–',
    '‑',
    '—',
    '_',
    '.',
    ',',
    ', ',
    ';',
    '; ',
  ],
  ...[
    ':',
    ' : ',
    "'",
    '’',
    '"',
    '`',
    '/',
    ' / ',
    '\\',
    '|',
    '~',
    ' ~ ',
    '*',
    '**',
    '+',
    '=',
    '#',
    '·',
    '•',
    '…',
    '→',
    '💳',
  ],
  ...['<', '&', '%', '@', '!', '?', '^', '$', '(', ') (', '][', '\0', '\u200b', '\u00ad', '\ufeff', '\u2060'],
];
const AROUND: readonly (readonly [string, string])[] = [
  ['', ''],
  ['card ', ', thanks'],
  ['“', '”'],
  ['卡号', '谢谢'],
  ['номер', 'спасибо'],
  ['№', '!'],
  ['12 ', ' 12/27 123'],
  ['2027 ', ' 1227 123'],
  ['visa+', '+exp'],
  ['order 4 of 2026-11-24: ', '.'],
  ['x'.repeat(20_000).concat(' '), ' y'.repeat(20_000)],
  ['36, 37, 38, 39, 40; ', '; 41, 42, 43, 44'],
];

describe('holdsCardNumber', () => {
  for (const [scheme, numbers] of Object.entries(CARDS)) {
    it(`sees the numbers of ${scheme}, with whatever stands between the groups`, () => {
      for (const number of numbers) {
        for (const separator of SEPARATORS) refuses(number.replaceAll(' ', separator));
      }
    });
  }

  it('sees one in any text, at either end', () => {
    for (const number of [...ALL, ...ALL.map((each) => each.replaceAll(' ', ''))]) {
      for (const [before, behind] of AROUND) refuses(`${before}${number}${behind}`);
    }
  });

  it('sees one in groups as people type it', () => {
    for (const text of ['3782 8224 6310 005', '3622-7206-2716-67', '4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2']) refuses(text);
    for (const text of ['4242–4242‑4242—4242', '4242 4242\n4242 4242', '(4242) (4242) (4242) (4242)']) refuses(text);
    refuses('7 times 4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2 12/27');
  });

  it('sees one in the digits of any script, and under marks', () => {
    const zeros = ['٠', '۰', '०', '๐', '０', '𝟎', '𝟘', '𝟶', '𞥐'].map((zero) => zero.codePointAt(0) ?? 0);
    for (const zero of zeros) {
      const inScript = (text: string) => text.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
      for (const number of ALL) refuses(inScript(number));
      refuses(inScript('4242424242424242'));
    }
    refuses('⁴²⁴²⁴²⁴²⁴²⁴²⁴²⁴²');
    refuses('4242424242424242'.replace(/\d/g, '$&\ufe0f\u20e3'));
  });

  it('sees whatever number begins and passes as a card’s', () => {
    for (let round = 0; round < 5_000; round += 1) {
      const body = `4${String(Math.random()).slice(2).padEnd(14, '7').slice(0, 14)}`;
      const number = [...'0123456789'].map((check) => body + check).filter((each) => holdsCardNumber(each));
      assert.equal(number.length, 1, body);
      const at = round % SEPARATORS.length;
      const groups = number[0]?.match(/\d{4}/g) ?? [];
      const [first = 0, second = 0, third = 0, fourth = 0] = groups.map(Number);
      const isList = second > first && third - second === second - first && fourth - third === second - first;
      if (!isList) refuses(groups.join(SEPARATORS[at]));
    }
  });

  it('takes time in proportion to the text', () => {
    const parts = [
      '4 ',
      'a_',
      '1',
      'abcdef0-',
      '٤',
      '4000 ',
      '4000 4000 4000 4001 ',
      ' ',
      '4 - ',
      'AB12 4242 ',
      '4\u0301',
    ];
    for (const part of parts) {
      const startedMs = performance.now();
      holdsCardNumber(part.repeat(200_000 / part.length));
      const ms = performance.now() - startedMs;
      assert.ok(ms < 2_000, `${part}: ${ms} ms`);
    }
  });
});

function refuses(text: string): void {
  assert.equal(holdsCardNumber(text), true, JSON.stringify(text.slice(-200)));
}
