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
  readonly emoji: Font;
}

/** What is shown as an emoji, alone or in a sequence; digits and signs are so only by what follows them. */
const EMOJI = /\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u;
/** What joins letters or chooses between two shapes of one: no font needs a shape for it. */
const SHAPELESS = /\u200c|\u200d|[\ufe00-\ufe0f]/gu;

/**
 * DejaVu Sans has the letters of Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic; the others those of Chinese and
 * Japanese, of Korean, and emoji in outline.
 */
export function loadFonts(): Fonts {
  const sans = load('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
  const chinese = load('@embedpdf/fonts-sc', '../fonts/NotoSansHans-Regular.otf');
  const korean = load('@embedpdf/fonts-kr', '../fonts/NotoSansKR-Regular.otf');
  const emoji = load('@expo-google-fonts/noto-emoji', './400Regular/NotoEmoji_400Regular.ttf');
  return { bold: load('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'), regular: [sans, chinese, korean], emoji };
}

/** The font for a text. */
export function fontFor(text: string, { regular, emoji }: Fonts): Font {
  const letters = Array.from(text.replace(SHAPELESS, ''), (letter) => letter.codePointAt(0) ?? 0);
  const missing = (font: Font) => letters.filter((letter) => !font.codePoints.has(letter)).length;
  if (EMOJI.test(text) && missing(emoji) === 0) return emoji;
  return [...regular, emoji].reduce((best, font) => (missing(font) < missing(best) ? font : best));
}

/** @param path from what the module resolves to. */
function load(module: string, path = ''): Font {
  const bytes = readFileSync(new URL(path, import.meta.resolve(module)));
  const font = create(bytes);
  if (!('characterSet' in font)) throw new Error(`${module} is a collection of fonts`);
  return { name: module, bytes, codePoints: new Set(font.characterSet) };
}
