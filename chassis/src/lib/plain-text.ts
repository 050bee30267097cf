/** Numerals that may be a digit in another script or style. */
const NUMERAL = /[\p{N}--[0-9]]/gv;
/** What nobody sees, and marks upon what somebody does. */
const UNSEEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}\p{M}]+/gv;
const IBAN = /\b[A-Z]{2}\d\d(?: [0-9A-Z]{4}){2,7}(?: [0-9A-Z]{1,3})?\b/g;

/**
 * A text as numbers are looked for in it: the digits of all scripts in ASCII, without what is invisible, and without IBANs, whose
 * digits are in groups of four as well.
 */
export function toPlainText(text: string): string {
  const known = new Map<string, string>();
  const toDigit = (numeral: string) => {
    const digit = known.get(numeral) ?? toAscii(numeral);
    known.set(numeral, digit);
    return digit;
  };
  return text.replace(UNSEEN, '').replace(NUMERAL, toDigit).replace(IBAN, unlessIban);
}

/** Digits in another style are equal to ours; those of other scripts stand in a row, from 0 to 9. Other numerals stay. */
function toAscii(numeral: string): string {
  const equal = numeral.normalize('NFKC');
  if (/^\d$/.test(equal)) return equal;
  if (!/\p{Nd}/u.test(numeral)) return numeral;
  let code = numeral.codePointAt(0) ?? 0;
  const first = code;
  while (first - code < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - 1))) code -= 1;
  return String(first - code);
}

/** By the check of ISO 7064 (ISO 13616): what only looks like one stays. */
function unlessIban(text: string): string {
  const compact = text.replaceAll(' ', '');
  const moved = compact.slice(4) + compact.slice(0, 4);
  const digits = moved.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return BigInt(digits) % 97n === 1n ? '' : text;
}
