import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Mends how generated code turns a `Timestamp` into a `Date` and back. ts-proto adds nanoseconds as a fraction, which a float
 * rounds up at the end of a millisecond: `9999-12-31T23:59:58.999999999Z` became a time beyond the bound that its own rule had
 * accepted. And it writes negative nanoseconds for a fraction before 1970, which no `Timestamp` may have.
 */
const MENDED: readonly (readonly [generated: string, mended: string])[] = [
  ['millis += (t.nanos || 0) / 1_000_000;', 'millis += globalThis.Math.floor((t.nanos || 0) / 1_000_000);'],
  ['Math.trunc(date.getTime() / 1_000)', 'Math.floor(date.getTime() / 1_000)'],
  [
    'const nanos = (date.getTime() % 1_000) * 1_000_000;',
    'const nanos = (((date.getTime() % 1_000) + 1_000) % 1_000) * 1_000_000;',
  ],
];

/** Rewrites every generated file of a folder. @throws Error when ts-proto writes its conversions in another way. */
export function mendTimestamps(folder: string): void {
  for (const name of globSync('**/*.ts', { cwd: folder })) {
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8');
    if (!/function (?:from|to)Timestamp\(/.test(text)) continue;
    const mended = MENDED.reduce((before, [from, to]) => {
      if (!before.includes(from)) throw new Error(`${path} converts timestamps in a way that is not known: no ${from}`);
      return before.replace(from, () => to);
    }, text);
    writeFileSync(path, mended);
  }
}
