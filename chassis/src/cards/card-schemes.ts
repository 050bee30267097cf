/**
 * How the numbers of each scheme begin, and how many digits they have (ISO/IEC 7812-1 and what the schemes publish).
 * Left out are lengths that no card has any more, or so few that refusing what else looks like that did more harm: the 13 digits
 * of Visa's first cards, which are the barcodes of Germany and Japan; Maestro's 12 to 15, other barcodes; and its 18.
 */
const SCHEMES: readonly (readonly [name: string, start: RegExp, lengths: readonly number[]])[] = [
  ['Visa', /^4/, [16, 19]],
  ['Mastercard', /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  ['American Express', /^3[47]/, [15]],
  ['Discover', /^(?:6011|64[4-9]|65)/, [16, 19]],
  ['JCB', /^35(?:2[89]|[3-8])/, [16, 19]],
  ['Diners Club', /^3(?:0[0-5]|095|[689])/, [14, 16, 19]],
  ['UnionPay', /^(?:62|81)/, [16, 17, 18, 19]],
  ['Maestro, with RuPay, Elo, Verve and Hipercard', /^(?:50|5[6-8]|6)/, [16, 19]],
  ['RuPay', /^82/, [16]],
  ['Mir', /^220[0-4]/, [16, 19]],
  ['Troy and NAPAS', /^97(?:04|92)/, [16, 19]],
  ['Uzcard and Humo', /^(?:8600|9860)/, [16]],
];

/** The shortest number that `isCardNumber` knows. */
export const CARD_DIGITS_MIN = 14;

/** Whether ASCII digits begin as, and are as long as a card scheme's numbers, and pass the check of Luhn (ISO/IEC 7812-1). */
export function isCardNumber(digits: string): boolean {
  const issued = SCHEMES.some(([, start, lengths]) => lengths.includes(digits.length) && start.test(digits));
  return issued && passesLuhn(digits);
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits.at(-1 - at));
    const doubled = at % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
