const SILENT_MS = 4_000;

const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/** Steps at work, by the moment at which they began. */
const atWork = new Map<symbol, { readonly name: string; readonly startMs: number }>();
let lastSaidMs = performance.now();

/** Prints one line for whoever typed the command. */
export const say = (line: string): void => {
  lastSaidMs = performance.now();
  process.stdout.write(`${line}\n`);
};

/** Milliseconds since the command was typed: MALLA_START_MS, where run.sh began, or else since this process began. */
export const sinceStart = (): number => {
  const typedMs = Number(process.env.MALLA_START_MS);
  return typedMs > 0 ? Date.now() - typedMs : performance.now();
};

/**
 * Does one step and prints its name with the time it took. While nothing else is printed, the steps at work are told every
 * few seconds.
 * @param worthSaying whether the result is worth a line; without it, every result is
 */
export const step = async <T>(
  name: string,
  work: () => Promise<T>,
  worthSaying: (result: T) => boolean = () => true,
): Promise<T> => {
  const [key, startMs] = [Symbol(name), performance.now()];
  atWork.set(key, { name, startMs });
  const timer = setInterval(sayWhatIsAtWork, SILENT_MS / 4);
  try {
    const result = await work();
    if (worthSaying(result)) say(`  ${name.padEnd(44)} ${seconds(startMs).padStart(8)}`);
    return result;
  } finally {
    clearInterval(timer);
    atWork.delete(key);
  }
};

const sayWhatIsAtWork = (): void => {
  if (performance.now() - lastSaidMs < SILENT_MS) return;
  say(`  … ${[...atWork.values()].map(({ name, startMs }) => `${name} (${seconds(startMs)})`).join(', ')}`);
};
