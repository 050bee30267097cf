const next: Promise<void>[] = [];
export function lot(n: number): Promise<void> {
  const known = next[n];
  if (known) return known;
  const made = new Promise<void>((resolve) => {
    const later = (k: number): void => {
      if (k === 0) {
        delete next[n];
        resolve();
      } else setImmediate(later, k - 1);
    };
    later(n);
  });
  next[n] = made;
  return made;
}
