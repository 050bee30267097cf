/** No chain of causes is longer that tells something new. */
const DEPTH_MAX = 5;

/** An error in words for the log, with what caused it: `fetch failed` alone says nothing of a connection that was refused. */
export function causesOf(error: unknown): string {
  const texts: string[] = [];
  for (let at: unknown = error; at != null && texts.length < DEPTH_MAX; at = (at as { cause?: unknown }).cause) {
    texts.push(textOf(at));
  }
  return texts.join(' <- ');
}

/** Some have a code, and no words. */
function textOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  const text = String(error);
  return typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text;
}
