import bidiFactory from 'bidi-js';
import { type Font, type Fonts, fontFor } from './fonts.ts';

/** The module is what its types call its default export. */
const bidi = (bidiFactory as unknown as typeof bidiFactory.default)();

/** Some letters of one font and one direction, as they stand from left to right. */
export interface Piece {
  /** In the order of reading: the font's shaper turns right-to-left letters around. */
  readonly text: string;
  readonly font: Font;
}

export type Measure = (piece: Piece) => number;

/** Letters that the shaper turns around by itself. */
const TURNED = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** Letters between which a line may end. */
const BREAKABLE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/u;
const clusters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** What a reader sees as one letter, and where it begins. */
interface Cluster {
  readonly text: string;
  readonly start: number;
  readonly font: Font;
}

/**
 * Breaks a text of one paragraph into lines, and those into pieces from left to right (UAX #9).
 * @param width how wide a line may be.
 */
export function layOut(text: string, fonts: Fonts, width: number, measure: Measure): Piece[][] {
  const levels = bidi.getEmbeddingLevels(text, 'auto');
  const all = clustersOf(text, fonts);
  return breakLines(all, width, measure).map((line) => piecesOf(text, line, levels));
}

function clustersOf(text: string, fonts: Fonts): Cluster[] {
  let last: Font | undefined;
  return Array.from(clusters.segment(text), ({ segment, index }) => {
    // Spaces and the like stay in the font of what they follow.
    const font =
      last && last !== fonts.emoji && /^[\p{Zs}\p{P}\p{Nd}]$/u.test(segment) && has(last, segment)
        ? last
        : fontFor(segment, fonts);
    last = font;
    return { text: segment, start: index, font };
  });
}

function has({ codePoints }: Font, letter: string): boolean {
  return codePoints.has(letter.codePointAt(0) ?? 0);
}

/** Fills lines with words; a word that no line has room for is broken anywhere. */
function breakLines(all: readonly Cluster[], width: number, measure: Measure): Cluster[][] {
  const lines: Cluster[][] = [[]];
  let used = 0;
  for (const word of wordsOf(all)) {
    const wide = widthOf(word, measure);
    const parts = wide > width ? word.map((cluster) => [cluster]) : [word];
    for (const part of parts) {
      const partWidth = parts.length === 1 ? wide : widthOf(part, measure);
      // A space at the end of a line may stand beyond it.
      const isSpace = part.every(({ text }) => text.trim() === '');
      if (used + partWidth > width && used > 0 && !isSpace) {
        lines.push([]);
        used = 0;
      }
      lines.at(-1)?.push(...part);
      used += partWidth;
    }
  }
  return lines;
}

function wordsOf(all: readonly Cluster[]): Cluster[][] {
  const words: Cluster[][] = [];
  let before: Cluster | undefined;
  for (const cluster of all) {
    const isSame = before && isSpace(before) === isSpace(cluster) && ![before, cluster].some(isBreakable);
    if (isSame) words.at(-1)?.push(cluster);
    else words.push([cluster]);
    before = cluster;
  }
  return words;
}

function isSpace({ text }: Cluster): boolean {
  return text.trim() === '';
}

function isBreakable({ text }: Cluster): boolean {
  return BREAKABLE.test(text);
}

function widthOf(word: readonly Cluster[], measure: Measure): number {
  const byFont: Piece[] = [];
  for (const { text, font } of word) {
    const last = byFont.at(-1);
    if (last?.font === font) byFont[byFont.length - 1] = { font, text: last.text + text };
    else byFont.push({ font, text });
  }
  return byFont.reduce((sum, piece) => sum + measure(piece), 0);
}

type Levels = ReturnType<typeof bidi.getEmbeddingLevels>;

/** The pieces of a line from left to right. A word is a piece of its own, since shapers put words from left to right. */
function piecesOf(text: string, line: readonly Cluster[], levels: Levels): Piece[] {
  const [first, last] = [line[0], line.at(-1)];
  if (!first || !last) return [];
  const mirrored = bidi.getMirroredCharactersMap(text, levels.levels);
  const letters = line.map((cluster) => ({
    ...{ font: cluster.font, text: mirrored.get(cluster.start) ?? cluster.text },
    level: levels.levels[cluster.start] ?? 0,
  }));
  const pieces: { font: Font; level: number; texts: string[] }[] = [];
  for (const { font, level, text: letter } of turned(letters)) {
    const before = pieces.at(-1);
    const isSpaceBetween = level % 2 === 1 && (letter.trim() === '' || before?.texts[0]?.trim() === '');
    if (before?.font === font && before.level === level && !isSpaceBetween) before.texts.push(letter);
    else pieces.push({ font, level, texts: [letter] });
  }
  return pieces.map(({ font, level, texts }) => {
    const isTurned = level % 2 === 1 && texts.some((letter) => TURNED.test(letter));
    return { font, text: (isTurned ? texts.toReversed() : texts).join('') };
  });
}

/** Puts letters in the order of seeing: rule L2 of UAX #9. */
function turned<Letter extends { readonly level: number }>(letters: readonly Letter[]): Letter[] {
  const seen = [...letters];
  const highest = Math.max(...seen.map(({ level }) => level));
  for (let level = highest; level >= 1; level -= 1) {
    for (let start = 0; start < seen.length; start += 1) {
      let end = start;
      while ((seen[end]?.level ?? -1) >= level) end += 1;
      if (end > start) seen.splice(start, end - start, ...seen.slice(start, end).reverse());
      start = end;
    }
  }
  return seen;
}
