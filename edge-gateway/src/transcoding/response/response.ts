import { type DescField, type DescMessage, fromBinary, type JsonValue, type Message, toJson } from '@bufbuild/protobuf';
import type { Contract } from '@malla/proto/contract';
import { JSON_WRITE_OPTIONS } from '../json/json-options.ts';
import { isObject } from '../json/json-walk.ts';
import { type HttpBody, isHttpBody, rawBody } from '../request/request-body.ts';
import { resumeFieldOf } from '../request/resume-field.ts';
import type { Binding } from '../routing/binding.ts';
import { compileJsonWriter } from './json-writer/json-writer.ts';
import { readString } from './json-writer/read-string.ts';

/** A response as it goes to the client. */
export interface Answer {
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** The entity tag of `etag` in the body, quoted (RFC 9110, section 8.8.3). */
  readonly etag: string | undefined;
  /** The name of a file: `file_name` beside a `google.api.HttpBody`. */
  readonly fileName?: string;
}

/**
 * Turns the bytes of a response into the canonical JSON of the message, or of the field that `response_body` names; a
 * `google.api.HttpBody` into its own bytes.
 */
export type DecodeResponse = (bytes: Uint8Array) => Answer;

const JSON_TYPE = 'application/json; charset=utf-8';

/** Compiles the decoding of a binding's responses. */
export function compileResponse({ rpc, responseBody }: Binding, registry: Contract['registry']): DecodeResponse {
  const { output } = rpc.method;
  const bodyType = responseBody ? responseBody.message : output;
  if (isHttpBody(bodyType)) return (bytes) => rawAnswer(output, responseBody, bytes);
  const tagged = hasEtag(bodyType);
  const viaMessage: DecodeResponse = (bytes) => {
    const json = messageToJson(output, bytes, registry);
    const body = responseBody ? memberOf(json, responseBody) : json;
    return { contentType: JSON_TYPE, body: JSON.stringify(body), etag: tagged ? entityTag(body) : undefined };
  };
  if (responseBody) return viaMessage;
  const direct = compileJsonWriter(output, registry);
  const etagField = tagged ? output.field.etag : undefined;
  return (bytes) => {
    const body = direct(bytes);
    if (!body) return viaMessage(bytes);
    return { contentType: JSON_TYPE, body, etag: etagField && quoted(readString(bytes, etagField)) };
  };
}

/** One message of a stream: its JSON, and where to go on after it. */
export interface StreamElement {
  readonly json: string;
  /** The value of `resume_token`; undefined when the message has none that a header can carry. */
  readonly resumeToken: string | undefined;
}

/** Compiles the decoding of the messages of a binding's streams. */
export function compileElement(binding: Binding, registry: Contract['registry']): (bytes: Uint8Array) => StreamElement {
  const { rpc, responseBody } = binding;
  const { output } = rpc.method;
  const token = resumeFieldOf(output);
  return (bytes) => {
    const json = messageToJson(output, bytes, registry);
    const value = token && isObject(json) ? String(json[token.jsonName] ?? '') : '';
    const resumeToken = PRINTABLE.test(value) ? value : undefined;
    return { json: JSON.stringify(responseBody ? memberOf(json, responseBody) : json), resumeToken };
  };
}

const PRINTABLE = /^[\x21-\x7e]+$/;

function rawAnswer(output: DescMessage, field: DescField | undefined, bytes: Uint8Array): Answer {
  const message = fromBinary(output, bytes) as Message & Record<string, HttpBody>;
  const { contentType, data } = field
    ? (message[field.localName] ?? rawBody('', new Uint8Array()))
    : (message as never);
  const { fileName } = message as { fileName?: unknown };
  const named = field && typeof fileName === 'string' && fileName !== '' ? { fileName } : {};
  return { contentType: contentType || 'application/octet-stream', body: data, etag: undefined, ...named };
}

/** The canonical JSON of a message in bytes. */
export function messageToJson(type: DescMessage, bytes: Uint8Array, registry: Contract['registry']): JsonValue {
  return toJson(type, fromBinary(type, bytes, { readUnknownFields: false }), { ...JSON_WRITE_OPTIONS, registry });
}

function memberOf(json: JsonValue, { jsonName }: DescField): JsonValue {
  return isObject(json) ? (json[jsonName] ?? null) : null;
}

function hasEtag(message: DescMessage | undefined): boolean {
  return message?.fields.some(({ name, fieldKind }) => name === 'etag' && fieldKind === 'scalar') === true;
}

const OPAQUE_TAG = /^[\x21\x23-\x7e]+$/;

function entityTag(body: JsonValue): string | undefined {
  return quoted(isObject(body) ? body.etag : undefined);
}

function quoted(etag: JsonValue | undefined): string | undefined {
  return typeof etag === 'string' && OPAQUE_TAG.test(etag) ? `"${etag}"` : undefined;
}
