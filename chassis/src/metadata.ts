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
  /** The `User-Agent` of the client at the edge. Believed only when a service of the mesh says it. */
  originUserAgent: 'x-origin-user-agent',
} as const;
