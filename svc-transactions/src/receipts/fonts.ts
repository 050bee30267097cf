import { readFileSync } from 'node:fs';
import { create } from 'fontkit';

/** A font, and which letters it has. */
export interface Font {
  readonly name: string;
  readonly bytes: Buffer;
  readonly codePoints: ReadonlySet<number>;
}

/** The fonts of receipts. */
export interface Fonts {
  readonly bold: Font;
  /** For everything else: the one that lacks the fewest letters of a text, and of several the first. */
  readonly regular: readonly Font[];
}

/**
 * DejaVu Sans has the letters of Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic; the others those of Chinese and
 * Japanese, and of Korean.
 */
export function loadFonts(): Fonts {
  const sans = load('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
  const chinese = load('@embedpdf/fonts-sc', '../fonts/NotoSansHans-Regular.otf');
  const korean = load('@embedpdf/fonts-kr', '../fonts/NotoSansKR-Regular.otf');
  return { bold: load('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'), regular: [sans, chinese, korean] };
}

/** The font for a text. */
export function fontFor(text: string, { regular }: Fonts): Font {
  const letters = Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
  const missing = (font: Font) => letters.filter((letter) => !font.codePoints.has(letter)).length;
  return regular.reduce((best, font) => (missing(font) < missing(best) ? font : best));
}

/** @param path from what the module resolves to. */
function load(module: string, path = ''): Font {
  const bytes = readFileSync(new URL(path, import.meta.resolve(module)));
  const font = create(bytes);
  if (!('characterSet' in font)) throw new Error(`${module} is a collection of fonts`);
  return { name: module, bytes, codePoints: new Set(font.characterSet) };
}
