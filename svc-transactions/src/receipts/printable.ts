const LENGTH_MAX = 400;

/**
 * A text of somebody's as one line that can be printed: without control characters, halves of characters, and marks that turn
 * the text around them. Joiners stay, which shape Persian words and join emoji. What is very long is cut; the receipt as JSON
 * has all of it.
 */
export function printable(text: string): string {
  const line = text
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/(?!\u200c|\u200d)\p{Cf}/gu, '')
    .trim();
  const letters = Array.from(line);
  return letters.length > LENGTH_MAX ? `${letters.slice(0, LENGTH_MAX).join('')}…` : line;
}
