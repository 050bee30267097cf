/** The formats in which the messages of a server stream follow one another. */
export interface StreamFormat {
  readonly contentType: string;
  /** Before the first message. */
  readonly open: string;
  message(json: string, index: number, resumeToken: string | undefined): string;
  /** In place of all further messages: problem details, in JSON. */
  error(problem: string, index: number): string;
  /** In place of all further messages, when the client is to ask again: problem details, in JSON, that say so. */
  again(problem: string, index: number): string;
  /** After the last message, when nothing failed. */
  readonly end: string;
  /** Keeps a silent connection alive; absent where the format has nothing that means nothing. */
  readonly keepAlive?: string;
}

/** The delay before a client of server-sent events reconnects. */
const RETRY_MS = 1_000;

const JSON_ARRAY: StreamFormat = {
  contentType: 'application/json; charset=utf-8',
  open: '[',
  message: (json, index) => (index === 0 ? json : `,${json}`),
  error: (problem, index) => `${index === 0 ? '' : ','}{"error":${problem}}]`,
  again: (problem, index) => JSON_ARRAY.error(problem, index),
  end: ']',
  keepAlive: '\n',
};

/** https://github.com/ndjson/ndjson-spec */
const NDJSON: StreamFormat = {
  contentType: 'application/x-ndjson; charset=utf-8',
  open: '',
  message: (json) => `${json}\n`,
  error: (problem) => `{"error":${problem}}\n`,
  again: (problem) => NDJSON.error(problem, 0),
  end: '',
};

/** https://html.spec.whatwg.org/multipage/server-sent-events.html */
const SERVER_SENT_EVENTS: StreamFormat = {
  contentType: 'text/event-stream; charset=utf-8',
  open: '',
  message: (json, _index, resumeToken) => `${resumeToken === undefined ? '' : `id: ${resumeToken}\n`}data: ${json}\n\n`,
  error: (problem) => `event: error\ndata: ${problem}\n\n`,
  // A browser connects again by itself, after the time that `retry` gives, with the last `id`.
  again: (problem) => `event: retry\nretry: ${RETRY_MS}\ndata: ${problem}\n\n`,
  // Without it a browser would take the end for a broken connection, and connect again.
  end: 'event: end\ndata: {}\n\n',
  keepAlive: ': keep-alive\n\n',
};

/** The formats by media type, the one for who does not say first. */
export const STREAM_FORMATS: Readonly<Record<string, StreamFormat>> = {
  'application/json': JSON_ARRAY,
  'application/x-ndjson': NDJSON,
  'text/event-stream': SERVER_SENT_EVENTS,
};
