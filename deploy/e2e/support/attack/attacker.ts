import { deaf, handshakes, imports, watchers } from './connections.ts';
import { bodies, searches } from './requests.ts';
import type { Attack, Target } from './target.ts';

/** A process that says when it is loaded, and attacks by the kinds of its arguments from the message with its target to the next. */
export const ATTACKS: Readonly<Record<string, Attack>> = { watchers, imports, handshakes, deaf, searches, bodies };

const counts: Record<string, number> = {};

process.once('message', (target: Target) => {
  const stops = process.argv.slice(2).map((kind) =>
    ATTACKS[kind]?.(target, (event) => {
      counts[`${kind} ${event}`] = (counts[`${kind} ${event}`] ?? 0) + 1;
    }),
  );
  process.once('message', () => {
    for (const stop of stops) stop?.();
    process.send?.(counts, () => process.exit());
  });
});
process.send?.('loaded');
