import assert from 'node:assert/strict';
import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { holdsCardNumber } from '../../src/cards/card-number.ts';

const ROUNDS = 5_000;
const TEXTS = [
  '',
  '1234',
  '4242424242424241',
  '42424242424242424242424242424242',
  'Available in 36, 37, 38, 39, 40, 41, 42, 43, 44',
  'Sizes: 36, 37, 38, 39, 40, 41, 42, 43, 44, 45',
  'Sizes 36 37 38 39 40 41 42 43 44',
  'Sizes 36/38/40/42/44/46/48/50/52',
  'Lengths: 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100 cm',
  '2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8',
  'Lumens: 4000, 4500, 5000, 5500',
  'Prices: 5000, 5100, 5200, 5300; 5525, 5750',
  '4242 3 × 40 × 50 cm, 1200 g, 5 pieces',
  '5 x 100 ml, 4 x 250 ml, 3 x 500 ml, 2 x 1000 ml',
  'ISBN 978-3-16-148410-0, 304 pages',
  'order 2026-11-24 12:30:45.123456',
  '2026-11-24T12:30:45.123456789Z/2026-11-25T00:00:00.000000000Z',
  '1,000,000,000,000,008',
  '4.242.424.242.424.242,00 EUR',
  '1764353000000',
  '1764353000000000',
  '1764353000000000000',
  'sku-39-1764353000000',
  'IMEI 356938035643809',
  'Call +55 11 99876-5003 or +49 (0)30 1234 5678, Mon-Fri 9-17',
  '+378282246310005',
  'IBAN FR73 3000 6000 0142 4242 4242 424',
  'IBAN DE19 5105 0015 0123 4562 89, BIC NASSDE55',
  '2606:4700:4700::1111 and 192.168.100.200',
  '5f829379246581434457e8acace120f5',
  '417d16af645da043fe73ca3ae6e68185ef5b1605782e6de83f2567848024713a',
  'x378282246310005y',
  'pay_04242424242424242aaaaaaaaa',
];

describe('holdsCardNumber, in ordinary text', () => {
  for (const text of TEXTS) it(`sees none in "${text}"`, () => takes(text));

  it('sees none in lists of sizes, whatever stands between them', () => {
    for (const separator of [' ', ', ', ',', '/', ' / ', '; ', '-', ' – ', '|', ' · ']) {
      for (let first = 1; first <= 100; first += 1) {
        for (const step of [0.5, 1, 2, 5, 10]) {
          const sizes = Array.from({ length: 40 }, (_, at) => first + at * step);
          for (const text of sizesAndTails(sizes)) takes(text.join(separator));
        }
      }
    }
  });

  it('sees none in measurements and prices', () => {
    repeat(() => {
      const some = Array.from({ length: randomInt(1, 9) }, () => (randomInt(1_000_000) / 100).toFixed(2));
      takes(some.join(' EUR, '));
      takes(some.map((each) => each.replace('.', ',')).join(' x '));
    });
  });

  it('sees none in telephone numbers', () => {
    repeat(() => takes(`call +${digits(randomInt(8, 16))} now`));
    repeat(() => takes(`+${digits(2)} ${digits(3)} ${digits(4)} ${digits(4)}`));
    repeat(() => takes(`+${digits(4)} ${digits(6)} ${digits(5)}`));
    repeat(() => takes(`(0${digits(3)}) ${digits(8)}, fax -${digits(2)}`));
  });

  it('sees none in barcodes and the numbers of books', () => {
    repeat(() => takes(`EAN ${withGtinCheck(digits(12))}, UPC ${withGtinCheck(digits(11))}, 3 pieces`));
    repeat(() => takes(`GTIN ${withGtinCheck(`${randomInt(4, 10)}${digits(12)}`)}, 1 box`));
    repeat(() => takes(`ISBN 978-${digits(1)}-${digits(2)}-${digits(6)}-${digits(1)}, ${digits(3)} pages`));
  });

  it('sees none in moments', () => {
    repeat(() => {
      const moment = new Date(randomInt(1_000_000_000, 2_000_000_000) * 1_000);
      takes(`${moment.toISOString()} ${moment.getTime()} ${moment.getTime()}123`);
      takes(`${moment.toISOString().replace(/\D/g, '').slice(0, 14)} ${moment.toUTCString()}`);
    });
  });

  it('sees none in hashes and ids, nor in parts of them', () => {
    repeat(() => {
      const uuid = randomUUID();
      for (const id of [uuid, uuid.replaceAll('-', ''), uuid.toUpperCase(), `${uuid}-${uuid}`]) takes(id);
      for (const size of [16, 20, 32, 64]) takes(randomBytes(size).toString('hex'));
      takes(createHash('sha256').update(uuid).digest('base64url'));
    });
    for (let round = 0; round < 10_000; round += 1) {
      takes(`pay_${String(round).padStart(10, '0')}4242424242424242 ${randomUUID()}`);
    }
  });
});

/** A list, and what is left of it when its beginning is cut off. */
function sizesAndTails(sizes: readonly number[]): number[][] {
  return [0, 3, 7].map((from) => sizes.slice(from));
}

function takes(text: string): void {
  assert.equal(holdsCardNumber(text), false, text);
}

function repeat(round: () => void): void {
  for (let done = 0; done < ROUNDS; done += 1) round();
}

function digits(count: number): string {
  return Array.from({ length: count }, () => randomInt(10)).join('');
}

function withGtinCheck(body: string): string {
  const sum = [...body].reverse().reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 3 : 1), 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}
