/** The path of a request, split at its slashes and percent-decoded. */
export interface RequestPath {
  /** Every segment as it was sent. */
  readonly raw: readonly string[];
  /** Every segment decoded in full. */
  readonly decoded: readonly string[];
}

const PRINTABLE_ASCII = /^[\x21-\x7e]*$/;
const CONTROL = /\p{Cc}/u;

/**
 * Splits a path. Undefined when no resource can be meant by it: broken percent-encoding, control characters, or segments
 * that mean "here" and "up" (RFC 3986, section 3.3), which proxies resolve differently.
 */
export function parseRequestPath(path: string): RequestPath | undefined {
  if (!path.startsWith('/') || !PRINTABLE_ASCII.test(path)) return undefined;
  const raw = path.slice(1).split('/');
  if (!path.includes('%')) return path.includes('/.') && raw.some(isDotSegment) ? undefined : { raw, decoded: raw };
  const decoded = decodeAll(raw);
  if (!decoded || decoded.some((segment) => isDotSegment(segment) || CONTROL.test(segment))) return undefined;
  return { raw, decoded };
}

function isDotSegment(segment: string): boolean {
  return segment === '.' || segment === '..';
}

/** Splits a custom verb from the last segment: `me:changePassword`. Undefined when there is none. */
export function splitVerb({
  raw,
  decoded,
}: RequestPath): { readonly path: RequestPath; readonly verb: string } | undefined {
  const last = raw.at(-1) ?? '';
  const colon = last.lastIndexOf(':');
  if (colon <= 0) return undefined;
  const stem = last.slice(0, colon);
  return {
    path: { raw: [...raw.slice(0, -1), stem], decoded: [...decoded.slice(0, -1), decodeURIComponent(stem)] },
    verb: decodeURIComponent(last.slice(colon + 1)),
  };
}

/** The capture of a variable of several segments: decoded, except an encoded slash. */
export function joinSegments(raw: readonly string[]): string {
  return decodeURIComponent(raw.join('/').replace(/%2f/gi, (slash) => `%25${slash.slice(1)}`));
}

function decodeAll(raw: readonly string[]): string[] | undefined {
  try {
    return raw.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
