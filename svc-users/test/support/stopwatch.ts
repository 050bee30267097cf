/**
 * Measures several works in turn, so that whatever else the machine does falls on all of them alike.
 * @returns the median time of each, in milliseconds.
 */
export async function mediansOf(rounds: number, works: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const times = works.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, work] of works.entries()) {
      const startedMs = performance.now();
      await work();
      times[index]?.push(performance.now() - startedMs);
    }
  }
  return times.map((taken) => taken.toSorted((a, b) => a - b)[Math.floor(taken.length / 2)] ?? Number.NaN);
}
