import assert from 'node:assert/strict';
import fc from 'fast-check';
import { drawReceipt } from '../../src/receipts/draw-receipt.ts';
import { loadFonts } from '../../src/receipts/fonts.ts';
import { pagesOf } from '../support/pdf.ts';
import { receiptOf } from '../support/receipts.ts';

const BYTES_MAX = 200_000;

/** Of many scripts, and of what is no letter: controls, marks, halves of characters. */
const letter = fc
  .oneof(
    ...[0x7ff, 0x1cff, 0xffff].map((max) => fc.nat(max)),
    fc.integer({ min: 0x590, max: 0x8ff }),
    fc.integer({ min: 0xac00, max: 0xd7a3 }),
    fc.integer({ min: 0x1f300, max: 0x1faff }),
    fc.constantFrom(0x200d, 0x202e, 0xfe0f, 0x301, 0x1161),
  )
  .map((codePoint) => String.fromCodePoint(codePoint));

describe('drawReceipt', () => {
  const fonts = loadFonts();
  const draw = (...receipt: Parameters<typeof receiptOf>) => drawReceipt(receiptOf(...receipt), fonts);

  it('shows number, store, names, payment, taxes and total', async () => {
    const [page = ''] = await pagesOf(await draw(['Sombrero', 'Καπέλο', 'Шапка', '帽子', '모자']));
    for (const text of ['Hats', 'hats@shop.example', '+34911234567', 'Receipt 2026-000042', 'visa •••• 4242']) {
      assert.ok(page.includes(text), `${text} in ${page}`);
    }
    for (const text of ['2026-12-31 23:59:59 UTC', 'Sombrero', 'Καπέλο', 'Шапка', '帽子', '모자', 'EUR 59.50']) {
      assert.ok(page.includes(text), `${text} in ${page}`);
    }
  });

  it('is the same, byte by byte, when it is drawn again', async () => {
    assert.deepEqual(await draw(['Hat', '帽子']), await draw(['Hat', '帽子']));
  });

  it('goes on over pages, with each line on one of them', async () => {
    const names = Array.from({ length: 100 }, (_, at) => `Hat no. ${at}.`);
    const pdf = await draw(names);
    const pages = await pagesOf(pdf);
    assert.ok(pages.length > 2);
    assert.deepEqual(
      pages.flatMap((page) => page.match(/Hat no\. \d+\./g)),
      names,
    );
    assert.ok(pages.at(-1)?.includes(`${pages.length} / ${pages.length}`));
    assert.ok(pdf.length < BYTES_MAX, `${pdf.length} bytes`);
  });

  it('holds only what it shows of its fonts, and of what is very long the beginning', async () => {
    const pdf = await draw(['帽'.repeat(1_000), 'x'.repeat(1_000)], 'EUR', 'W'.repeat(1_000));
    assert.ok(pdf.length < BYTES_MAX, `${pdf.length} bytes`);
    assert.ok((await pagesOf(pdf)).join('').includes('x…'));
  });

  it('draws whatever things are called', async () => {
    const name = fc.string({ unit: letter, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 20, maxLength: 20 }), name, async (names, storeName) => {
        await draw(names, 'EUR', storeName);
      }),
      { numRuns: 3 },
    );
  });
});
