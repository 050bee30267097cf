import assert from 'node:assert/strict';
import { loadFonts } from '../../src/receipts/fonts.ts';
import { layOut } from '../../src/receipts/layout.ts';

describe('layOut', () => {
  const fonts = loadFonts();
  const lines = (text: string, width = 1_000) => layOut(text, fonts, width, (piece) => Array.from(piece.text).length);
  const line = (text: string) => lines(text).flatMap((pieces) => pieces.map((piece) => piece.text));

  it('puts right-to-left words in their order, each as its shaper reads it', () => {
    assert.deepEqual(line('\u05d0\u05d1 \u05d2\u05d3'), ['\u05d2\u05d3', ' ', '\u05d0\u05d1']);
    assert.deepEqual(line('Hat \u05d0\u05d1 \u05d2\u05d3 XL'), ['Hat ', '\u05d2\u05d3', ' ', '\u05d0\u05d1', ' XL']);
  });

  it('leaves numbers in right-to-left words as they are, and turns brackets', () => {
    assert.deepEqual(line('\u05d0\u05d1 123'), ['123', ' ', '\u05d0\u05d1']);
    assert.deepEqual(line('\u05d0 (\u05d1)'), [')\u05d1(', ' ', '\u05d0']);
  });

  it('draws emoji of one or many code points in a font that has them', () => {
    for (const emoji of [
      '\u{1f9e2}',
      '\u2764\ufe0f',
      '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
      '\u{1f44d}\u{1f3fd}',
      '\u{1f1ea}\u{1f1f8}',
    ]) {
      const [[piece] = []] = lines(emoji);
      assert.deepEqual([piece?.text, piece?.font], [emoji, fonts.emoji]);
    }
    const [pieces = []] = lines('5 # \u00a9 caps');
    assert.ok(pieces.every(({ font }) => font === fonts.regular[0]));
  });

  it('chooses a font for each letter, not for the whole text', () => {
    const [pieces = []] = lines('Hat \u5e3d\u5b50');
    assert.deepEqual(
      pieces.map(({ font }) => font.name),
      [fonts.regular[0]?.name, fonts.regular[1]?.name],
    );
  });

  it('breaks lines at spaces and between Chinese letters, and words that are too long anywhere', () => {
    const texts = (text: string, width: number) =>
      lines(text, width).map((pieces) => pieces.map((piece) => piece.text).join(''));
    assert.deepEqual(texts('one two three', 8), ['one two ', 'three']);
    assert.deepEqual(texts('\u5e3d\u5b50\u5e3d\u5b50', 3), ['\u5e3d\u5b50\u5e3d', '\u5b50']);
    assert.deepEqual(texts('abcdefgh', 3), ['abc', 'def', 'gh']);
  });
});
