/** What is an id is no card number, though its digits may look like one. */
const IDS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]{1,16}_[0-7][0-9a-hjkmnp-tv-z]{25}/gi;
/** What people write between the digits of a card. */
const BETWEEN = String.raw`\s.,_/|*+·•()\[\]\p{Pd}\p{Cf}`;
const SEPARATOR = new RegExp(`[${BETWEEN}]+`, 'u');
const DIGIT_RUN = new RegExp(String.raw`\d(?:[${BETWEEN}]{0,3}\d)*`, 'gu');
const FOREIGN_DIGIT = /[\p{Nd}--[0-9]]/gv;
const LENGTH_MIN = 13;
const LENGTH_MAX = 19;
/** How the numbers of the card schemes begin (ISO/IEC 7812-1): what begins otherwise was issued by none. */
const ISSUED = /^(?:[456]|3[04-9]|2[2-7]|8[12]|97)/;
const ARTICLE_LENGTH = 13;

/**
 * Whether a text holds what looks like the number of a payment card: 13 to 19 digits of any script, in groups or not, that begin
 * as a card scheme's do and pass the check of Luhn (ISO/IEC 7812-1). UUIDs, TypeIDs and the numbers of articles (EAN, ISBN) are
 * passed over.
 */
export function holdsCardNumber(text: string): boolean {
  if (text.length < LENGTH_MIN) return false;
  const runs = text.replace(IDS, '').normalize('NFKC').replace(FOREIGN_DIGIT, toAscii).match(DIGIT_RUN);
  return (runs ?? []).some(holdsInRun);
}

/** The decimal digits of each script stand in a row, from 0 to 9. */
function toAscii(digit: string): string {
  let code = digit.codePointAt(0) ?? 0;
  const first = code;
  while (first - code < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - 1))) code -= 1;
  return String(first - code);
}

/** Any groups that stand together may be the number, and what stands beside it some other figure. */
function holdsInRun(run: string): boolean {
  const groups = run.split(SEPARATOR);
  return groups.some((_, first) => {
    let digits = '';
    for (const group of groups.slice(first, first + LENGTH_MAX)) {
      digits += group;
      if (digits.length > LENGTH_MAX) return false;
      if (digits.length >= LENGTH_MIN && isCardNumber(digits)) return true;
    }
    return false;
  });
}

function isCardNumber(digits: string): boolean {
  return ISSUED.test(digits) && passesLuhn(digits) && !isArticleNumber(digits);
}

function passesLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const doubled = at % 2 === 0 ? Number(digit) : Number(digit) * 2;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

/** EAN-13 and ISBN-13, by the check digit of GS1: one in ten of them passes the other check. */
function isArticleNumber(digits: string): boolean {
  const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 1 : 3), 0);
  return digits.length === ARTICLE_LENGTH && sum % 10 === 0;
}
