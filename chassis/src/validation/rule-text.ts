/** How many faults of a request are looked for: enough to mend it by, few enough that none keeps a process busy. */
export const FAULTS_MAX = 100;

/** A number of things: `1 item`, `20 items`. */
export function counted(count: number | bigint, noun: string): string {
  return `${count} ${noun}${BigInt(count) === 1n ? '' : 's'}`;
}

/** What a list or map with too many elements is called, as every process says it. */
export function tooManyItems(max: number): string {
  return `must have at most ${counted(max, 'item')}`;
}

/** What a text that is too long is called, as every process says it. */
export function tooLongText(max: number | bigint, unit: 'character' | 'byte'): string {
  return `must have at most ${counted(max, unit)}`;
}
