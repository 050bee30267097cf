const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A place in a JSON value for people: `items[2].labels["in stock"]`. Empty for the whole. */
export function jsonPathToString(path: readonly (string | number)[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!PLAIN_NAME.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}
