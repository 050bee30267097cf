import assert from 'node:assert/strict';
import { request } from 'undici';
import { http1 } from './http.ts';
import { url } from './mesh.ts';

/** One server-sent event: its data is JSON. */
export interface ServerSentEvent {
  /** `message` unless the server says otherwise. */
  readonly type: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Reads server-sent events as a browser does, until the caller has had enough: then the connection is closed.
 * @param lastEventId from where on, as a browser says it that connects again.
 * @param token of who listens.
 */
export async function* listen(path: string, lastEventId?: string, token?: string): AsyncGenerator<ServerSentEvent> {
  const { statusCode, headers, body } = await request(`${url}${path}`, {
    dispatcher: http1,
    headers: {
      accept: 'text/event-stream',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    },
  });
  assert.equal(statusCode, 200);
  assert.match(String(headers['content-type']), /^text\/event-stream/);
  body.setEncoding('utf8');
  let text = '';
  for await (const chunk of body) {
    const events = (text + chunk).split('\n\n');
    text = events.pop() ?? '';
    yield* events.filter((event) => event.includes('data:')).map(parse);
  }
}

/** The first so many events. */
export async function take(events: AsyncGenerator<ServerSentEvent>, count: number): Promise<ServerSentEvent[]> {
  const taken: ServerSentEvent[] = [];
  for await (const event of events) if (taken.push(event) === count) break;
  return taken;
}

function parse(event: string): ServerSentEvent {
  const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(event)?.[1] ?? '';
  return { type: field('event') || 'message', id: field('id'), data: JSON.parse(field('data')) };
}
