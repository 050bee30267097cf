import PDFDocument from 'pdfkit';
import type { Font, Fonts } from './fonts.ts';
import { layOut, type Piece } from './layout.ts';
import { printable } from './printable.ts';

/** Points of a page. */
const MARGIN = 50;
export const LEFT = MARGIN;
export const WIDTH = 595.28 - 2 * MARGIN;
const BOTTOM = 841.89 - MARGIN;
const FOOTER_Y = BOTTOM + 15;
const FOOTER_SIZE = 8;
const SCALE = 100;
/** Of the size of the letters: from the top of a line to where they stand, and to the next line. */
const [ASCENT, LINE_HEIGHT] = [0.93, 1.2];

/** A column of text. */
export interface Place {
  readonly x: number;
  readonly width: number;
  readonly size: number;
  readonly align?: 'left' | 'right';
  readonly bold?: boolean;
}

/** Pages that are filled from top to bottom. */
export interface Sheet {
  /** Writes a text at a height, in as many lines as it takes. @returns how high it is. */
  write(text: string, y: number, place: Place): number;
  /** The same in one line, smaller when it does not fit. */
  fit(text: string, y: number, place: Place): void;
  heightOf(text: string, place: Place): number;
  rule(y: number): void;
  /** Where there is room for something of a height: further down, or at the top of a new page. */
  room(y: number, height: number): { y: number; isNew: boolean };
  /** Ends it with a line at the foot of each page. @returns the PDF. */
  end(footer: (page: number, pages: number) => string): Promise<Uint8Array>;
}

export const TOP = MARGIN;

/** Starts a document. Made twice of the same, it is the same, byte by byte. */
export function openSheet(title: string, author: string, time: Date, fonts: Fonts): Sheet {
  const doc = new PDFDocument({
    ...{ size: 'A4', margin: MARGIN, bufferPages: true, font: '', lang: 'en' },
    info: { Title: title, Author: printable(author), CreationDate: time },
  });
  // By its name a font is read once.
  for (const { name, bytes } of [fonts.bold, ...fonts.regular, fonts.emoji]) doc.registerFont(name, bytes);
  const chunks: Uint8Array[] = [];
  doc.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  const ended = new Promise<Uint8Array>((resolve, reject) => {
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
  const faceOf = (font: Font, bold: boolean | undefined) =>
    bold && font === fonts.regular[0] ? fonts.bold.name : font.name;
  /** By face and text, at a size of 1: a word is measured once, however often it stands there. */
  const widths = new Map<string, number>();
  const measureAt =
    ({ size, bold }: Place) =>
    ({ text, font }: Piece) => {
      const face = faceOf(font, bold);
      const key = `${face} ${text}`;
      const known = widths.get(key) ?? doc.font(face).fontSize(SCALE).widthOfString(text) / SCALE;
      widths.set(key, known);
      return known * size;
    };
  const widthOf = (line: readonly Piece[], place: Place) =>
    line.reduce((sum, piece) => sum + measureAt(place)(piece), 0);
  const linesOf = (text: string, place: Place, width = place.width) =>
    layOut(printable(text), fonts, width, measureAt(place));
  const draw = (line: readonly Piece[], y: number, place: Place) => {
    let x = place.align === 'right' ? place.x + place.width - widthOf(line, place) : place.x;
    for (const piece of line) {
      // Fonts of different heights stand on one line.
      const width = measureAt(place)(piece);
      doc.font(faceOf(piece.font, place.bold)).fontSize(place.size);
      doc.text(piece.text, x, y + place.size * ASCENT, { lineBreak: false, baseline: 'alphabetic' });
      x += width;
    }
  };
  const write: Sheet['write'] = (text, y, place) => {
    const lines = linesOf(text, place);
    for (const [at, line] of lines.entries()) draw(line, y + at * place.size * LINE_HEIGHT, place);
    return lines.length * place.size * LINE_HEIGHT;
  };
  return {
    write,
    fit: (text, y, place) => {
      const [line = []] = linesOf(text, place, Number.POSITIVE_INFINITY);
      const width = widthOf(line, place);
      draw(line, y, width > place.width ? { ...place, size: (place.size * place.width) / width } : place);
    },
    heightOf: (text, place) => linesOf(text, place).length * place.size * LINE_HEIGHT,
    rule: (y) =>
      void doc
        .moveTo(LEFT, y)
        .lineTo(LEFT + WIDTH, y)
        .lineWidth(0.5)
        .stroke(),
    room: (y, height) => {
      if (y + height <= BOTTOM) return { y, isNew: false };
      doc.addPage();
      return { y: TOP, isNew: true };
    },
    end: (footer) => {
      const { count } = doc.bufferedPageRange();
      for (let page = 0; page < count; page += 1) {
        doc.switchToPage(page);
        // Below the margin, where a text would otherwise begin a new page.
        doc.page.margins.bottom = 0;
        write(footer(page + 1, count), FOOTER_Y, { x: LEFT, width: WIDTH, size: FOOTER_SIZE });
      }
      doc.end();
      return ended;
    },
  };
}
