/** A parameter of the API: `metadata[payment_id]=…` is an object, `expand[0]=…` a list. */
export interface Params {
  readonly [name: string]: string | Params | undefined;
}

/** Reads what is sent as a form or a query, with its brackets. */
export function readForm(text: string): Params {
  const root: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const path = name.split(/[[\]]+/).filter((step) => step !== '');
    let place = root;
    for (const step of path.slice(0, -1)) {
      place[step] ??= {};
      place = place[step] as Record<string, unknown>;
    }
    place[path.at(-1) ?? ''] = value;
  }
  return root as Params;
}

export function text(value: string | Params | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function texts(value: string | Params | undefined): Record<string, string> {
  return typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, text(one)]))
    : {};
}
