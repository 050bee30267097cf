import { Metadata } from '@grpc/grpc-js';
import { METADATA, printable } from '@malla/chassis/metadata';
import type { Request } from '../arrival/app-types.ts';

/** Makes the metadata of a call: the request's id and trace, its origin address, and the user's own token. */
export function metadataOf(request: Request): Metadata {
  const metadata = new Metadata();
  metadata.set(METADATA.requestId, request.id);
  metadata.set(METADATA.traceparent, request.traceparent);
  metadata.set(METADATA.originAddress, request.clientAddress);
  metadata.set(METADATA.originUserAgent, printable(request.headers['user-agent'] ?? ''));
  if (request.token) metadata.set(METADATA.authorization, `Bearer ${request.token.token}`);
  return metadata;
}

/** HTTP allows more characters in a header's name than gRPC, and `-bin` at its end means bytes to gRPC. */
const PROOF_HEADER = /^webhook-(?!bin$)[a-z]+$|^[0-9a-z_.-]+-signature$/;
const PROOF = /^[\x20-\x7e]{1,2048}$/;

/**
 * Adds the headers by which a webhook is proven: `webhook-…` (Standard Webhooks) and those that end in `-signature`. Only the
 * service can check them, against the raw body.
 */
export function addProof(metadata: Metadata, { headers }: Request): void {
  for (const [name, value] of Object.entries(headers)) {
    if (PROOF_HEADER.test(name) && typeof value === 'string' && PROOF.test(value)) metadata.set(name, value);
  }
}
