const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/** Prints one line for whoever typed the command. */
export const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/**
 * Does one step and prints its name with the time it took.
 * @param worthSaying whether the result is worth a line; without it, every result is
 */
export const step = async <T>(
  name: string,
  work: () => Promise<T>,
  worthSaying: (result: T) => boolean = () => true,
): Promise<T> => {
  const start = performance.now();
  const result = await work();
  if (worthSaying(result)) say(`  ${name.padEnd(44)} ${seconds(start).padStart(8)}`);
  return result;
};
