import type { Metadata } from '@grpc/grpc-js';

/** The metadata that travels with every call inside the mesh. */
export const METADATA = {
  /** The user's access token: `Bearer …` (RFC 6750). */
  authorization: 'authorization',
  /** The id that one request keeps through the whole mesh. */
  requestId: 'x-request-id',
  /** W3C Trace Context. */
  traceparent: 'traceparent',
  /** The address of the client at the edge. Believed only when a service of the mesh says it. */
  originAddress: 'x-origin-address',
  /** The fields that the path of a client stream sets, as a query (AIP-4222): known before its first message is. */
  requestParams: 'x-goog-request-params',
  /** The `User-Agent` of the client at the edge. Believed only when a service of the mesh says it. */
  originUserAgent: 'x-origin-user-agent',
} as const;

const VALUE_LENGTH_MAX = 512;
const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** What is logged as an id may be the number of an account or a card. */
const LONG_NUMBER = /\d(?:[._-]?\d){13}/;

/** Whether the id that somebody gives a request may stand in every log: short, plain, and no long number unless a UUID. */
export function isRequestId(text: string): boolean {
  return REQUEST_ID.test(text) && (UUID.test(text) || !LONG_NUMBER.test(text));
}

/** The first value of a key that holds text. */
export function textOf(metadata: Metadata, key: string): string | undefined {
  const [value] = metadata.get(key);
  return typeof value === 'string' ? value : undefined;
}

/** A text from outside as metadata may carry it: printable ASCII only, at most 512 characters; grpc-js throws at others. */
export function printable(text: string): string {
  return text.slice(0, VALUE_LENGTH_MAX).replace(/[^ -~]/g, '?');
}

/** A field that the path of a client stream sets, by its proto name; undefined when the caller did not say. Nothing checked it. */
export function requestParam(call: { metadata(key: string): string | undefined }, field: string): string | undefined {
  const params = call.metadata(METADATA.requestParams);
  return params === undefined ? undefined : (new URLSearchParams(params).get(field) ?? undefined);
}
