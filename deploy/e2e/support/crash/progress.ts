import { growth, inWords, readVitals, type VitalsOf } from './vitals.ts';

const INTERVAL_MS = 60_000;

/** What there is to tell. */
export interface Subject {
  /** Where the work is, in words. */
  readonly where: () => string;
  /** The processes that live as long as the work does. */
  readonly pids: () => ReadonlyMap<string, number>;
}

/**
 * Tells once a minute how a long run goes on, and what its processes hold.
 * @returns how to end; it answers which of them hold much more in the end than after the first minute.
 */
export function startProgress({ where, pids }: Subject): { stop(): string[] } {
  const begun = performance.now();
  let first: VitalsOf | undefined;
  const timer = setInterval(() => {
    const vitals = readVitals(pids());
    first ??= vitals;
    const minutes = Math.round((performance.now() - begun) / INTERVAL_MS);
    console.log(`      ${minutes} min: ${where()}; memory and sockets: ${inWords(vitals)}`);
  }, INTERVAL_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return first ? growth(first, readVitals(pids())) : [];
    },
  };
}
