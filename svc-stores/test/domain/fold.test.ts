import assert from 'node:assert/strict';
import { foldCase, foldMarks } from '../../src/domain/fold.ts';

describe('folding', () => {
  const same = (fold: (text: string) => string, pairs: readonly (readonly [string, string])[]) => {
    for (const [a, b] of pairs) assert.equal(fold(a), fold(b), `${a} ${b}`);
  };

  it('makes case and width equal, as Unicode does', () => {
    const pairs = [
      ['ışık', 'IŞIK'],
      ['STRASSE', 'straße'],
      ['ΟΔΟΣ', 'οδος'],
      ['ＭＵＧ', 'mug'],
      ['ﬁt', 'FIT'],
      ['CAFE\u0301', 'café'],
    ] as const;
    same(foldCase, pairs);
    same(foldMarks, pairs);
    assert.notEqual(foldCase('café'), foldCase('cafe'));
  });

  it('takes away marks that a script is read without, and no others', () => {
    same(foldMarks, [
      ['ΟΔΌΣ', 'οδος'],
      ['ёлка', 'ЕЛКА'],
      ['Łódź', 'lodz'],
      ['Øre', 'ore'],
      ['œuvre', 'OEUVRE'],
      ['مُحَمَّد', 'محمد'],
      ['مـحـمد', 'محمد'],
      ['שָׁלוֹם', 'שלום'],
      ['İstanbul', 'istanbul'],
    ]);
    for (const [a, b] of [
      ['が', 'か'],
      ['йод', 'иод'],
      ['कि', 'क'],
    ] as const)
      assert.notEqual(foldMarks(a), foldMarks(b), a);
  });

  it('is done with a text at once, whatever marks it has', () => {
    const zalgo = `a${'\u0301'.repeat(100_000)}`;
    const start = process.cpuUsage();
    assert.equal(foldMarks(zalgo), 'a');
    assert.ok(process.cpuUsage(start).user < 2_000_000);
  });
});
