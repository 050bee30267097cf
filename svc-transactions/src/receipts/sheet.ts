import PDFDocument from 'pdfkit';
import { type Fonts, fontFor } from './fonts.ts';
import { printable } from './printable.ts';

/** Points of a page. */
const MARGIN = 50;
export const LEFT = MARGIN;
export const WIDTH = 595.28 - 2 * MARGIN;
const BOTTOM = 841.89 - MARGIN;
const FOOTER_Y = BOTTOM + 15;
const FOOTER_SIZE = 8;

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
  for (const { name, bytes } of [fonts.bold, ...fonts.regular]) doc.registerFont(name, bytes);
  const chunks: Uint8Array[] = [];
  doc.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  const ended = new Promise<Uint8Array>((resolve, reject) => {
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
  const choose = (text: string, { size, bold }: Place): string => {
    const line = printable(text);
    const font = fontFor(line, fonts);
    doc.font(bold && font === fonts.regular[0] ? fonts.bold.name : font.name).fontSize(size);
    return line;
  };
  const write: Sheet['write'] = (text, y, place) => {
    const [line, options] = [choose(text, place), { width: place.width, align: place.align ?? 'left' }];
    doc.text(line, place.x, y, options);
    return doc.heightOfString(line, options);
  };
  return {
    write,
    fit: (text, y, place) => {
      const width = doc.widthOfString(choose(text, place));
      // A hair less, lest rounding breaks the line.
      write(text, y, width > place.width ? { ...place, size: (place.size * place.width) / width - 0.01 } : place);
    },
    heightOf: (text, place) => doc.heightOfString(choose(text, place), { width: place.width }),
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
