import { toPlainText } from '../lib/plain-text.ts';
import { CARD_DIGITS_MIN, isCardNumber } from './card-schemes.ts';

/** Digits that a digit or a letter touches are part of a hash, an id or a part number. The words of other scripts touch theirs. */
const START = '(?<![0-9A-Za-z])';
const END = '(?![0-9A-Za-z])';
const BETWEEN = String.raw`[^\p{L}\p{N}]{1,16}`;
/** As on cards, and as people type the shorter numbers. Groups of other sizes are other figures. */
const LAYOUTS = new Set(['4 6 4', '4 6 5', '4 4 4 2', '4 4 4 3', '4 4 4 4', '4 4 4 4 1', '4 4 4 4 2', '4 4 4 4 3']);
const LAYOUT_GROUPS = [3, 4, 5];
const IN_LAYOUT = String.raw`\d{4}${BETWEEN}(?:\d{6}${BETWEEN}\d{4,5}|(?:\d{4}${BETWEEN}){2}\d{2,4}(?:${BETWEEN}\d{1,3}${END})?)`;
/** Each digit by itself, with no other by itself beside them. */
const ONE_BY_ONE = String.raw`(?<!${START}\d\s)\d(?:\s\d){13,18}(?!\s\d${END})`;
/** Looks ahead only: the next candidate may begin within this one. */
const CANDIDATE = new RegExp(`${START}(?=(\\d{14,19}|${IN_LAYOUT}|${ONE_BY_ONE})${END})`, 'gu');
/** Nothing but spaces, or up to three of one character. */
const SEPARATOR = /^(?:(.)\1{0,2})?$/su;
const SPACING = /[\s\p{Ps}\p{Pe}]+/gu;
const DASH = /\p{Pd}/gu;
/** E.164. */
const PHONE_START = /^[^0-9A-Za-z]?\+$/s;
const PHONE_DIGITS_MAX = 15;

/**
 * Whether a text holds what looks like the number of a payment card: as many digits, of any script, as a card scheme's numbers
 * have, that begin as these do and pass the check of Luhn, in one or in the groups of cards with the same separator between all.
 * Lists of sizes, prices, dates, telephone numbers, barcodes, hashes, UUIDs and TypeIDs are no such thing. Any other number that
 * begins, is as long and passes as a card's cannot be told from one.
 */
export function holdsCardNumber(text: string): boolean {
  if (text.length < CARD_DIGITS_MIN) return false;
  const plain = toPlainText(text);
  for (const { 1: candidate = '', index } of plain.matchAll(CANDIDATE)) {
    const digitsMin = PHONE_START.test(plain.slice(Math.max(0, index - 2), index)) ? PHONE_DIGITS_MAX + 1 : 0;
    if (beginsWithCardNumber(candidate, digitsMin)) return true;
  }
  return false;
}

function beginsWithCardNumber(candidate: string, digitsMin: number): boolean {
  const groups = candidate.split(/\D+/);
  if (groups.length === 1 || groups.length >= CARD_DIGITS_MIN) {
    const digits = groups.join('');
    return digits.length >= digitsMin && isCardNumber(digits);
  }
  return LAYOUT_GROUPS.some((count) => {
    if (groups.length < count) return false;
    const inLayout = groups.slice(0, count);
    const digits = inLayout.join('');
    if (digits.length < digitsMin || !LAYOUTS.has(inLayout.map(({ length }) => length).join(' '))) return false;
    return isCardNumber(digits) && !riseInEqualSteps(inLayout.map(Number)) && areEvenlySeparated(candidate, count);
  });
}

/** Whether the same stands between the first groups. Dashes are one as another, and brackets are spaces. */
function areEvenlySeparated(candidate: string, groupCount: number): boolean {
  const separators = candidate.split(/\d+/).slice(1, groupCount);
  const [first = '', ...others] = separators.map((each) => each.replace(SPACING, '').replace(DASH, '-'));
  return SEPARATOR.test(first) && others.every((other) => other === first);
}

/** Four sizes or prices of four digits, such as 4000, 4500, 5000 and 5500: next to no card has a number like that. */
function riseInEqualSteps([first = 0, second = 0, third = 0, fourth = 0]: readonly number[]): boolean {
  const step = second - first;
  return step > 0 && third - second === step && fourth - third === step;
}
