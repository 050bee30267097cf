import { type DescField, type DescMessage, fromBinary, type JsonValue, toJson } from '@bufbuild/protobuf';
import type { Contract } from '@malla/proto/contract';
import type { Binding } from './binding.ts';
import { isObject } from './walk.ts';

/** A response as it goes to the client. */
export interface JsonAnswer {
  readonly text: string;
  /** The entity tag of `etag` in the body, quoted (RFC 9110, section 8.8.3). */
  readonly etag: string | undefined;
}

/** Turns the bytes of a response into the canonical JSON of the message, or of the field that `response_body` names. */
export type DecodeResponse = (bytes: Uint8Array) => JsonAnswer;

/** Compiles the decoding of a binding's responses. */
export function compileResponse({ rpc, responseBody }: Binding, registry: Contract['registry']): DecodeResponse {
  const { output } = rpc.method;
  const tagged = hasEtag(responseBody ? responseBody.message : output);
  return (bytes) => {
    const json = messageToJson(output, bytes, registry);
    const body = responseBody ? memberOf(json, responseBody) : json;
    return { text: JSON.stringify(body), etag: tagged ? entityTag(body) : undefined };
  };
}

/** The canonical JSON of a message in bytes. Fields without presence are written even when they are zero or empty. */
export function messageToJson(type: DescMessage, bytes: Uint8Array, registry: Contract['registry']): JsonValue {
  return toJson(type, fromBinary(type, bytes, { readUnknownFields: false }), { registry, alwaysEmitImplicit: true });
}

function memberOf(json: JsonValue, { jsonName }: DescField): JsonValue {
  return isObject(json) ? (json[jsonName] ?? null) : null;
}

function hasEtag(message: DescMessage | undefined): boolean {
  return message?.fields.some(({ name, fieldKind }) => name === 'etag' && fieldKind === 'scalar') === true;
}

const OPAQUE_TAG = /^[\x21\x23-\x7e]+$/;

function entityTag(body: JsonValue): string | undefined {
  const etag = isObject(body) ? body.etag : undefined;
  return typeof etag === 'string' && OPAQUE_TAG.test(etag) ? `"${etag}"` : undefined;
}
