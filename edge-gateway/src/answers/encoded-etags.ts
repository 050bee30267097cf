import type { App, Reply } from '../arrival/app-types.ts';

/** The suffix of a compressed answer's tag: the same resource in other bytes has another strong tag (RFC 9110, 8.8.3.3). */
const SUFFIX = /\.(?:gzip|br)$/;

/** Returns the version of an entity tag, without the suffix of a content coding. */
export function versionOf(tag: string): string {
  return tag.replace(SUFFIX, '');
}

/**
 * Gives compressed answers a tag of their own, and says of every answer that may be compressed that it depends on what the client
 * accepts. Comes after the compression, which is the last to look at a route's answers.
 */
export function addEncodedEtags(app: App): void {
  app.addHook('onRoute', (route) => {
    if (route.compress === false) return;
    const others = route.onSend ? [route.onSend].flat() : [];
    route.onSend = [
      ...others,
      async (_request: unknown, reply: Reply, payload: unknown) => {
        vary(reply);
        const encoding = reply.getHeader('content-encoding');
        const etag = reply.getHeader('etag');
        if (typeof encoding === 'string' && typeof etag === 'string') {
          reply.header('etag', etag.replace(/"$/, `.${encoding}"`));
        }
        return payload;
      },
    ] as NonNullable<typeof route.onSend>;
  });
}

function vary(reply: Reply): void {
  const present = String(reply.getHeader('vary') ?? '');
  if (/(?:^|,)\s*(?:accept-encoding|\*)\s*(?:,|$)/i.test(present)) return;
  reply.header('vary', present === '' ? 'accept-encoding' : `${present}, accept-encoding`);
}
