/**
 * The pattern of decimal integers from `least` to `most`, in the words that ECMA-262, RE2 and Python share. Leading zeros
 * and a negative zero are taken, as the protobuf JSON mapping takes them. Without anchors, in one group.
 */
export function integerPattern(least: bigint, most: bigint): string {
  const parts = [
    ...(least <= 0n && most >= 0n ? ['-?0+'] : []),
    ...(most > 0n ? [`0*${positives(least > 0n ? least : 1n, most)}`] : []),
    ...(least < 0n ? [`-0*${positives(most < 0n ? -most : 1n, -least)}`] : []),
  ];
  return `(?:${parts.join('|')})`;
}

/** The pattern of the numbers from `least` to `most`, both at least 1. */
function positives(least: bigint, most: bigint): string {
  const digits = String(most).length;
  // Every number of fewer digits, where the range starts at 1.
  const shorter = least === 1n && digits > 1 ? [`[1-9]${anyDigits(0, digits - 2)}`] : [];
  const lengths = Array.from({ length: digits }, (_, index) => index + 1);
  const parts = lengths.slice(shorter.length > 0 ? digits - 1 : String(least).length - 1).map((length) => {
    const first = length === String(least).length ? String(least) : `1${'0'.repeat(length - 1)}`;
    return between(first, length === digits ? String(most) : '9'.repeat(length));
  });
  return `(?:${[...shorter, ...parts].join('|')})`;
}

/** The pattern of the texts of digits from `least` to `most`, which are of one length. */
function between(least: string, most: string): string {
  if (/^0*$/.test(least) && /^9*$/.test(most)) return anyDigits(least.length, least.length);
  const [first = '0', last = '0', length] = [least[0], most[0], least.length - 1];
  if (length === 0) return first === last ? first : `[${first}-${last}]`;
  if (first === last) return `${first}${between(least.slice(1), most.slice(1))}`;
  const [low, high] = [/^.0*$/.test(least) ? 0 : 1, /^.9*$/.test(most) ? 0 : 1];
  const [from, to] = [Number(first) + low, Number(last) - high];
  const parts = [
    ...(low ? [`${first}${between(least.slice(1), '9'.repeat(length))}`] : []),
    ...(from <= to ? [`${from === to ? from : `[${from}-${to}]`}${anyDigits(length, length)}`] : []),
    ...(high ? [`${last}${between('0'.repeat(length), most.slice(1))}`] : []),
  ];
  return parts.length === 1 ? (parts[0] ?? '') : `(?:${parts.join('|')})`;
}

function anyDigits(least: number, most: number): string {
  if (most === 0) return '';
  if (most === 1 && least === 1) return '[0-9]';
  return `[0-9]{${least === most ? least : `${least},${most}`}}`;
}
