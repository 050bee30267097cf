/** What is an id is no card number, though its digits may look like one. */
const IDS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}/gi;
const SEPARATOR = /[\s._/\p{Pd}\p{Cf}]+/u;
const DIGIT_RUN = /\d(?:[\s._/\p{Pd}\p{Cf}]{0,3}\d)*/gu;
const LENGTH_MIN = 13;
const LENGTH_MAX = 19;

/**
 * Whether a text holds what looks like the number of a payment card: 13 to 19 digits, half or full width, in groups or not, that
 * pass the check of Luhn (ISO/IEC 7812-1). UUIDs and TypeIDs are passed over.
 */
export function holdsCardNumber(text: string): boolean {
  const runs = text.replace(IDS, '').normalize('NFKC').match(DIGIT_RUN);
  return (runs ?? []).some(holdsInRun);
}

/** Any groups that stand together may be the number, and what stands beside it some other figure. */
function holdsInRun(run: string): boolean {
  const groups = run.split(SEPARATOR);
  return groups.some((_, first) => {
    let digits = '';
    for (const group of groups.slice(first)) {
      digits += group;
      if (digits.length > LENGTH_MAX) return false;
      if (digits.length >= LENGTH_MIN && passesLuhn(digits)) return true;
    }
    return false;
  });
}

function passesLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const doubled = at % 2 === 0 ? Number(digit) : Number(digit) * 2;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}
