/** What the validation library says of bounds, and how people say it. */
const NUMBERS: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/greater than or equal to (\S+) and less than or equal to /, 'from $1 to '],
  [/greater than or equal to /, 'at least '],
  [/less than or equal to /, 'at most '],
  [/greater than /, 'more than '],
];

const TIMES: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/greater than or equal to /, 'at or after '],
  [/less than or equal to /, 'at or before '],
  [/greater than /, 'after '],
  [/less than /, 'before '],
];

const ANY: readonly (readonly [pattern: RegExp, words: string])[] = [
  // Some texts say what the value is and not what it must be.
  [/^value is empty, which is not (an? )/, 'must be $1'],
  [/^value /, ''],
  [/must equal /, 'must be '],
  [/in list \[([^\]]*)\]/, 'one of $1'],
];

/** The library's text of a standard rule in plain words: `must be at least 1`, `must be before 9999-12-31T23:59:59Z`. */
export function plainWords(ruleId: string, text: string): string {
  const bounds = ruleId.startsWith('timestamp.') ? TIMES : NUMBERS;
  return [...ANY, ...bounds].reduce((words, [pattern, plain]) => words.replace(pattern, plain), text);
}
