import { Metadata } from '@grpc/grpc-js';
import { METADATA } from '@malla/chassis/metadata';
import type { Request } from './app-types.ts';

const USER_AGENT_CHARS_MAX = 512;

/** What goes along with a call: the request's id and trace, where it came from, and the user's own token. */
export function metadataOf(request: Request): Metadata {
  const metadata = new Metadata();
  metadata.set(METADATA.requestId, request.id);
  metadata.set(METADATA.traceparent, request.traceparent);
  metadata.set(METADATA.originAddress, request.ip);
  metadata.set(METADATA.originUserAgent, userAgentOf(request));
  if (request.token) metadata.set(METADATA.authorization, `Bearer ${request.token.token}`);
  return metadata;
}

/** Metadata is printable ASCII. */
function userAgentOf({ headers }: Request): string {
  return (headers['user-agent'] ?? '').slice(0, USER_AGENT_CHARS_MAX).replace(/[^\x20-\x7e]/g, '?');
}
